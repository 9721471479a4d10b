//! URLs, as the WHATWG URL standard parses them.

use rquickjs::{Array, Ctx, Exception, Object, Result, function::Func};
use url::{Url, form_urlencoded, quirks};

pub fn define(host: &Object<'_>) -> Result<()> {
    host.set("urlParse", Func::from(parse))?;
    host.set("urlSet", Func::from(set))?;
    host.set("formParse", Func::from(form_parse))?;
    host.set("formSerialize", Func::from(form_serialize))
}

/// The parts of a URL; undefined if it is none.
fn parse<'js>(ctx: Ctx<'js>, url: String, base: Option<String>) -> Result<Option<Object<'js>>> {
    let parsed = match base {
        Some(base) => Url::parse(&base).and_then(|base| base.join(&url)),
        None => Url::parse(&url),
    };
    parsed.ok().map(|url| parts(ctx, &url)).transpose()
}

/// The parts of a URL after one of them is set, as its setter does it.
fn set<'js>(ctx: Ctx<'js>, url: String, part: String, value: String) -> Result<Object<'js>> {
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

fn parts<'js>(ctx: Ctx<'js>, url: &Url) -> Result<Object<'js>> {
    let parts = Object::new(ctx)?;
    parts.set("href", url.as_str())?;
    parts.set("origin", quirks::origin(url))?;
    parts.set("protocol", quirks::protocol(url))?;
    parts.set("username", quirks::username(url))?;
    parts.set("password", quirks::password(url))?;
    parts.set("host", quirks::host(url))?;
    parts.set("hostname", quirks::hostname(url))?;
    parts.set("port", quirks::port(url))?;
    parts.set("pathname", quirks::pathname(url))?;
    parts.set("search", quirks::search(url))?;
    parts.set("hash", quirks::hash(url))?;
    Ok(parts)
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
