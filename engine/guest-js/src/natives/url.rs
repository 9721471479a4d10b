//! URLs, as the WHATWG URL standard parses them.

use rquickjs::{Array, Ctx, Exception, Object, Result, function::Func};
use url::{Url, form_urlencoded, quirks};

pub fn define(host: &Object<'_>) -> Result<()> {
    host.set("urlParse", Func::from(parse))?;
    host.set("urlSet", Func::from(set))?;
    host.set("urlOrigin", Func::from(origin))?;
    host.set("urlParts", PARTS.map(|(name, _)| name).to_vec())?;
    host.set("formParse", Func::from(form_parse))?;
    host.set("formSerialize", Func::from(form_serialize))
}

/// The URL's text, and where its parts are in it: see [`parts`]. Undefined if it is none.
fn parse<'js>(ctx: Ctx<'js>, url: String, base: Option<String>) -> Result<Option<Array<'js>>> {
    let parsed = match base {
        Some(base) => Url::parse(&base).and_then(|base| base.join(&url)),
        None => Url::parse(&url),
    };
    parsed.ok().map(|url| parts(ctx, &url)).transpose()
}

/// The same of a URL after a part of it is set, as its setter does it.
fn set<'js>(ctx: Ctx<'js>, url: String, part: String, value: String) -> Result<Array<'js>> {
    let invalid = |_| Exception::throw_type(&ctx, "Invalid URL");
    let mut url = Url::parse(&url).map_err(invalid)?;
    // A setter that is given a value that does not fit leaves the URL as it is.
    let _ignored = match part.as_str() {
        "href" => quirks::set_href(&mut url, &value)
            .map_err(invalid)
            .map(Ok)?,
        "protocol" => quirks::set_protocol(&mut url, &value),
        "username" => quirks::set_username(&mut url, &value),
        "password" => quirks::set_password(&mut url, &value),
        "host" => quirks::set_host(&mut url, &value),
        "hostname" => quirks::set_hostname(&mut url, &value),
        "port" => quirks::set_port(&mut url, &value),
        "pathname" => {
            quirks::set_pathname(&mut url, &value);
            Ok(())
        }
        "search" => {
            quirks::set_search(&mut url, &value);
            Ok(())
        }
        "hash" => {
            quirks::set_hash(&mut url, &value);
            Ok(())
        }
        _ => Err(()),
    };
    parts(ctx, &url)
}

/// A part of a URL that is a piece of its text: its name, and the piece.
type Part = (&'static str, fn(&Url) -> &str);

/// In the order in which [`parts`] gives them.
const PARTS: [Part; 9] = [
    ("protocol", quirks::protocol),
    ("username", quirks::username),
    ("password", quirks::password),
    ("host", quirks::host),
    ("hostname", quirks::hostname),
    ("port", quirks::port),
    ("pathname", quirks::pathname),
    ("search", quirks::search),
    ("hash", quirks::hash),
];

/// The text of a URL, and of each of its parts where it starts and where it ends: few are
/// asked for. The text is ASCII, so these are numbers of characters.
fn parts<'js>(ctx: Ctx<'js>, url: &Url) -> Result<Array<'js>> {
    let text = url.as_str();
    let parts = Array::new(ctx)?;
    parts.set(0, text)?;
    for (index, (_, part)) in PARTS.iter().enumerate() {
        let part = part(url);
        // One that is not there is not in the text either.
        let start = match part {
            "" => 0,
            part => part.as_ptr().addr() - text.as_ptr().addr(),
        };
        parts.set(2 * index + 1, start)?;
        parts.set(2 * index + 2, start + part.len())?;
    }
    Ok(parts)
}

/// What a URL's origin is called.
fn origin(url: String) -> Option<String> {
    Url::parse(&url).ok().map(|url| quirks::origin(&url))
}

/// The pairs of an `application/x-www-form-urlencoded` text, flat.
fn form_parse<'js>(ctx: Ctx<'js>, text: String) -> Result<Array<'js>> {
    let pairs = Array::new(ctx)?;
    let flat = form_urlencoded::parse(text.as_bytes())
        .flat_map(|(name, value)| [name, value])
        .enumerate();
    for (index, text) in flat {
        pairs.set(index, text.into_owned())?;
    }
    Ok(pairs)
}

/// The text of pairs, which are given flat.
fn form_serialize(pairs: Vec<String>) -> String {
    let mut serializer = form_urlencoded::Serializer::new(String::new());
    for pair in pairs.chunks_exact(2) {
        serializer.append_pair(&pair[0], &pair[1]);
    }
    serializer.finish()
}
