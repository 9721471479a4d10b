//! `crypto.subtle`: known answers, and keys that may not be used otherwise.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use common::check_expressions;

/// Short words for the tables below.
const PRELUDE: &str = "
    const s = crypto.subtle;
    const utf8 = (text) => new TextEncoder().encode(text);
    const b64 = (text) => Uint8Array.fromBase64(text);
    const un = (digits) => Uint8Array.fromHex(digits);
    const h = async (buffer) => new Uint8Array(await buffer).toHex();
    const gcm = (bytes, usages = ['encrypt', 'decrypt'], extractable = true) => s.importKey('raw', bytes, 'AES-GCM', extractable, usages);
    const hmac = (bytes, hash = 'SHA-256', usages = ['sign', 'verify']) => s.importKey('raw', bytes, { name: 'hmac', hash }, true, usages);
    const flip = (bytes) => { const copy = new Uint8Array(bytes); copy[copy.length - 1] ^= 1; return copy };
";

#[tokio::test]
async fn digests_and_codes_are_the_known_ones() {
    check_expressions(
        PRELUDE,
        &[
            // FIPS 180, of `abc`.
            ("h(s.digest('sha-1', utf8('abc')))", "a9993e364706816aba3e25717850c26c9cd0d89d"),
            ("h(s.digest({ name: 'SHA-256' }, utf8('abc')))", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            ("h(s.digest('SHA-384', utf8('abc').buffer))", "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7"),
            ("h(s.digest('SHA-512', utf8('abc')))", "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"),
            ("nameOf(() => s.digest('MD5', utf8('abc')))", "NotSupportedError"),
            ("nameOf(() => s.digest('SHA-256', 'abc'))", "TypeError"),
            // RFC 4231, test case 2.
            ("(async () => h(s.sign('HMAC', await hmac(utf8('Jefe')), utf8('what do ya want for nothing?'))))()", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
            ("(async () => { const k = await hmac(utf8('k'), 'SHA-512'); const m = await s.sign('hmac', k, utf8('x')); return [await s.verify('HMAC', k, m, utf8('x')), await s.verify('HMAC', k, flip(m), utf8('x')), await s.verify('HMAC', k, m.slice(1), utf8('x'))] })()", "true,false,false"),
            ("(async () => JSON.stringify(await s.exportKey('jwk', await hmac(utf8('key')))))()", r#"{"kty":"oct","k":"a2V5","alg":"HS256","key_ops":["sign","verify"],"ext":true}"#),
            ("(async () => { const k = await s.generateKey({ name: 'HMAC', hash: 'SHA-384' }, true, ['sign']); return [k.type, k.algorithm.length, k.algorithm.hash.name, (await s.exportKey('raw', k)).byteLength] })()", "secret,1024,SHA-384,128"),
            // RFC 5869, test case 1.
            ("(async () => h(s.deriveBits({ name: 'HKDF', hash: 'SHA-256', salt: un('000102030405060708090a0b0c'), info: un('f0f1f2f3f4f5f6f7f8f9') }, await s.importKey('raw', un('0b'.repeat(22)), 'HKDF', false, ['deriveBits']), 336)))()", "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"),
            // RFC 6070, two iterations.
            ("(async () => h(s.deriveBits({ name: 'PBKDF2', hash: 'SHA-1', salt: utf8('salt'), iterations: 2 }, await s.importKey('raw', utf8('password'), 'PBKDF2', false, ['deriveBits']), 160)))()", "ea6c014dc72d6f8ccd1ed92ace1d41f0d8de8957"),
            ("(async () => { const k = await s.importKey('raw', utf8('p'), 'PBKDF2', false, ['deriveKey']); const d = await s.deriveKey({ name: 'PBKDF2', hash: 'SHA-256', salt: utf8('s'), iterations: 1 }, k, { name: 'AES-GCM', length: 256 }, false, ['encrypt']); return [d.algorithm.name, d.algorithm.length, d.extractable] })()", "AES-GCM,256,false"),
        ],
    )
    .await;
}

#[tokio::test]
async fn aes_gcm_seals_and_opens() {
    check_expressions(
        PRELUDE,
        &[
            // The GCM specification, test cases 4 and 16.
            ("(async () => h(s.encrypt({ name: 'AES-GCM', iv: un('cafebabefacedbaddecaf888'), additionalData: un('feedfacedeadbeeffeedfacedeadbeefabaddad2') }, await gcm(un('feffe9928665731c6d6a8f9467308308')), un('d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39'))))()", "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e0915bc94fbc3221a5db94fae95ae7121a47"),
            ("(async () => h(s.decrypt({ name: 'AES-GCM', iv: un('cafebabefacedbaddecaf888'), additionalData: un('feedfacedeadbeeffeedfacedeadbeefabaddad2') }, await gcm(un('feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308')), un('522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f66276fc6ece0f4e1768cddf8853bb2d551b'))))()", "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39"),
            ("(async () => { const k = await gcm(new Uint8Array(32)); const out = []; for (const tagLength of [96, 104, 112, 120, 128]) { const p = { name: 'AES-GCM', iv: new Uint8Array(12), tagLength }; const c = await s.encrypt(p, k, utf8('abc')); out.push(c.byteLength, new TextDecoder().decode(await s.decrypt(p, k, c)), await nameOf(() => s.decrypt(p, k, flip(c)))) } return out })()", "15,abc,OperationError,16,abc,OperationError,17,abc,OperationError,18,abc,OperationError,19,abc,OperationError"),
            ("(async () => { const k = await gcm(new Uint8Array(16)); const p = { name: 'AES-GCM', iv: new Uint8Array(12) }; return nameOf(() => s.decrypt(p, k, new Uint8Array(15))) })()", "OperationError"),
            ("(async () => { const k = await gcm(new Uint8Array(16)); return nameOf(() => s.encrypt({ name: 'AES-GCM', iv: new Uint8Array(16) }, k, new Uint8Array(1))) })()", "OperationError"),
            ("nameOf(() => gcm(new Uint8Array(15)))", "DataError"),
            ("(async () => { const k = await s.generateKey({ name: 'AES-GCM', length: 256 }, true, ['encrypt', 'decrypt']); const jwk = await s.exportKey('jwk', k); const again = await s.importKey('jwk', jwk, 'AES-GCM', true, ['decrypt']); const p = { name: 'AES-GCM', iv: crypto.getRandomValues(new Uint8Array(12)) }; return [jwk.alg, new TextDecoder().decode(await s.decrypt(p, again, await s.encrypt(p, k, utf8('x'))))] })()", "A256GCM,x"),
        ],
    )
    .await;
}

#[tokio::test]
async fn signatures_are_checked() {
    let p256 = "const key = (format, data, usages) => s.importKey(format, data, { name: 'ECDSA', namedCurve: 'P-256' }, true, usages);
        const sign = { name: 'ECDSA', hash: 'SHA-256' };
        const jwk = { kty: 'EC', crv: 'P-256', x: 'GWprKioTpFWvsYHM_I__l77JsiBoRa1YVpiN6j2UyyM', y: 'DBDqp5w-3lsvsOWqOzwII77mgtLoqR-g01Yab0qoL2M', d: 'TQeF4zSIsgD1KwoaymDISjyz08EPQXUndLSAGUx_XVw' };
        const spki = b64('MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEGWprKioTpFWvsYHM/I//l77JsiBoRa1YVpiN6j2UyyMMEOqnnD7eWy+w5ao7PAgjvuaC0uipH6DTVhpvSqgvYw==');
        const pkcs8 = b64('MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgTQeF4zSIsgD1KwoaymDISjyz08EPQXUndLSAGUx/XVyhRANCAAQZamsqKhOkVa+xgcz8j/+XvsmyIGhFrVhWmI3qPZTLIwwQ6qecPt5bL7Dlqjs8CCO+5oLS6KkfoNNWGm9KqC9j');
        const signature = b64('4mPVvbrNLNps6HpuL99Kf27i9nJ5PruzRlNL8L2NMob7r22AheiXe9LzpPHPm7aUJqCKxolFi/dMdw5UNJjiTg==');
        const { d, ...open } = jwk;";
    check_expressions(
        &[PRELUDE, p256].concat(),
        &[
            // Keys and signature made with OpenSSL.
            ("(async () => s.verify(sign, await key('spki', spki, ['verify']), signature, utf8('oracle')))()", "true"),
            ("(async () => s.verify(sign, await key('jwk', open, ['verify']), signature, utf8('oracle')))()", "true"),
            ("(async () => s.verify(sign, await key('raw', spki.slice(26), ['verify']), signature, utf8('oracle')))()", "true"),
            ("(async () => s.verify(sign, await key('spki', spki, ['verify']), signature, utf8('oraclf')))()", "false"),
            ("(async () => s.verify(sign, await key('spki', spki, ['verify']), flip(signature), utf8('oracle')))()", "false"),
            ("(async () => s.verify(sign, await key('spki', spki, ['verify']), signature.slice(1), utf8('oracle')))()", "false"),
            ("(async () => { const k = await key('pkcs8', pkcs8, ['sign']); const made = await s.sign(sign, k, utf8('x')); return [made.byteLength, await s.verify(sign, await key('spki', spki, ['verify']), made, utf8('x')), new Uint8Array(await s.exportKey('pkcs8', k)).toBase64() === pkcs8.toBase64()] })()", "64,true,true"),
            ("(async () => { const k = await key('jwk', jwk, ['sign']); const out = await s.exportKey('jwk', k); return [k.type, out.d === d, out.key_ops, await nameOf(() => s.exportKey('spki', k))] })()", "private,true,sign,InvalidAccessError"),
            ("(async () => new Uint8Array(await s.exportKey('spki', await key('jwk', open, ['verify']))).toBase64() === spki.toBase64())()", "true"),
            ("nameOf(() => key('spki', flip(spki), ['verify']))", "DataError"),
            ("nameOf(() => key('jwk', { ...jwk, d: open.x }, ['sign']))", "DataError"),
            ("nameOf(() => key('jwk', { ...open, crv: 'P-384' }, ['verify']))", "DataError"),
            ("nameOf(() => key('jwk', { ...open, key_ops: ['sign'] }, ['verify']))", "DataError"),
            ("nameOf(() => key('spki', spki, ['sign']))", "SyntaxError"),
            ("nameOf(() => s.importKey('spki', spki, { name: 'ECDSA', namedCurve: 'secp256k1' }, true, ['verify']))", "NotSupportedError"),
            // RFC 6979, A.2.5.
            ("(async () => h(s.sign(sign, await key('jwk', { kty: 'EC', crv: 'P-256', x: un('60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6').toBase64({ alphabet: 'base64url', omitPadding: true }), y: un('7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299').toBase64({ alphabet: 'base64url', omitPadding: true }), d: un('c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721').toBase64({ alphabet: 'base64url', omitPadding: true }) }, ['sign']), utf8('sample'))))()", "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8"),
            ("(async () => { const pair = await s.generateKey({ name: 'ECDSA', namedCurve: 'P-384' }, false, ['sign', 'verify']); const p = { name: 'ECDSA', hash: 'SHA-1' }; const m = await s.sign(p, pair.privateKey, utf8('x')); return [m.byteLength, await s.verify(p, pair.publicKey, m, utf8('x')), pair.publicKey.extractable, pair.privateKey.extractable, pair.privateKey.usages] })()", "96,true,true,false,sign"),
            ("(async () => s.verify({ name: 'ECDSA', hash: 'SHA-384' }, await s.importKey('spki', b64('MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAEWJ1HB6pkLGpnBxsaNmaNQRkciWHHA+2lSJuA3/aPtNPnP7+BUVkA8dlM5DFgxwGvx+blnwZDhxG0skxvCXYBDcF2NhWbt1pg8Z5mvhWaccL0znYvA5RH0Y5eLcA2KEtZ'), { name: 'ECDSA', namedCurve: 'P-384' }, true, ['verify']), b64('VFoGSk8cT2zNsLcy/vM7y9cB1QgRWTJETws7jVZsBjUNcHUdJHkf2KKIEWHu7fI+ehXGW2gsM1TTjAFPryElhP7oAPjayqFKJaI0wwePGyz0nmdtcYshgzy7yl+9ONrR'), utf8('oracle')))()", "true"),
        ],
    )
    .await;
}

#[tokio::test]
async fn ed25519_and_rsa_signatures_are_checked() {
    let keys = "
        const secret = un('4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb');
        const open = un('3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c');
        const pkcs8 = new Uint8Array([...un('302e020100300506032b657004220420'), ...secret]);
        const rsa = { kty: 'RSA', alg: 'RS256', n: 'tIGV1bJJw-0TL-laWiiAVGLI919SMetVv055YldX6DgNfq-iAR4Jrbw-aMwWGyJdTs2-JtbGwPl0PpJbZMXHebhxQqCHBbE25Kyg7siBRaMGoj0cJDPdClYER6tf1ErmQJTHtq8Xq3O8j491slP6KyTw-AKQHcAHk2BNGSDXXDbwfLXDJAsOYtyHegaj7L6RVO6lHfKdWkiLeiy0dY9XIFs6gvEerUlxKrxnnN57F6UlDrh1ROTCqsX2_0xMUePGBi-RZXQ2Gbjrj2q9gX4EniPX4fTtI2pn8QCXUy3h71EV0onBDD3ckLySw2IdFvp-iXk2pGXYnvYxOms45ZA0gQ', e: 'AQAB' };
        const rs256 = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };
        const spki = b64('MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAtIGV1bJJw+0TL+laWiiAVGLI919SMetVv055YldX6DgNfq+iAR4Jrbw+aMwWGyJdTs2+JtbGwPl0PpJbZMXHebhxQqCHBbE25Kyg7siBRaMGoj0cJDPdClYER6tf1ErmQJTHtq8Xq3O8j491slP6KyTw+AKQHcAHk2BNGSDXXDbwfLXDJAsOYtyHegaj7L6RVO6lHfKdWkiLeiy0dY9XIFs6gvEerUlxKrxnnN57F6UlDrh1ROTCqsX2/0xMUePGBi+RZXQ2Gbjrj2q9gX4EniPX4fTtI2pn8QCXUy3h71EV0onBDD3ckLySw2IdFvp+iXk2pGXYnvYxOms45ZA0gQIDAQAB');
        const signature = b64('cBmcuWEtJwS4mfU35Dy8LxGQ+OhjVtEIlXc44Kq+YHKjLb3AzpnSrRFrlWBaNidkOKzjIEfi6jYNqX7NjumAoE4Dt3DllmkQ6rQN2g3BlT6yc48NYyA21wPIt23cd7lAHvZLl1wBQVNbVywT8xsqEhbIliw1LQeyyfjznl86vnkLqPJzwPhOPqHE6x51bQV5SwNcrkg8Sk2VO89QSvYUeIJR8Esq0PbD45OhoBIkkXL6XCMpnbyMbm2qof9/lA+1tKMtaaWXzKrueZ29wT6r3NRlmhLsHXJ2ENG/RnnYsCgyg5QC/Hro6UOqoz4np3Av2gv6akjSJGDhQxDdHLeLoA==');";
    check_expressions(
        &[PRELUDE, keys].concat(),
        &[
            // RFC 8032, test 2.
            ("(async () => h(s.sign('Ed25519', await s.importKey('pkcs8', pkcs8, 'Ed25519', false, ['sign']), un('72'))))()", "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"),
            ("(async () => { const k = await s.importKey('raw', open, { name: 'ed25519' }, true, ['verify']); const m = un('92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00'); return [await s.verify('Ed25519', k, m, un('72')), await s.verify('Ed25519', k, m, un('73')), await s.verify('Ed25519', k, flip(m), un('72'))] })()", "true,false,false"),
            // A key of small order, under which anything would be signed.
            ("(async () => s.verify('Ed25519', await s.importKey('raw', un('01' + '00'.repeat(31)), 'Ed25519', true, ['verify']), un('01' + '00'.repeat(63)), utf8('any')))()", "false"),
            ("(async () => { const k = await s.importKey('pkcs8', pkcs8, 'Ed25519', true, ['sign']); const jwk = await s.exportKey('jwk', k); return [jwk.crv, jwk.x === open.toBase64({ alphabet: 'base64url', omitPadding: true }), (await s.importKey('jwk', jwk, 'Ed25519', false, ['sign'])).type, new Uint8Array(await s.exportKey('pkcs8', k)).toHex() === pkcs8.toHex()] })()", "Ed25519,true,private,true"),
            ("(async () => { const { publicKey, privateKey } = await s.generateKey('Ed25519', false, ['sign', 'verify']); const spki = await s.exportKey('spki', publicKey); const again = await s.importKey('spki', spki, 'Ed25519', true, ['verify']); return [spki.byteLength, await s.verify('Ed25519', again, await s.sign('Ed25519', privateKey, utf8('x')), utf8('x'))] })()", "44,true"),
            ("nameOf(() => s.importKey('spki', new Uint8Array(44), 'Ed25519', true, ['verify']))", "DataError"),
            // A key and signature made with OpenSSL.
            ("(async () => { const k = await s.importKey('jwk', rsa, rs256, true, ['verify']); return [k.algorithm.modulusLength, [...k.algorithm.publicExponent].join('-'), await s.verify('RSASSA-PKCS1-v1_5', k, signature, utf8('oracle')), await s.verify('RSASSA-PKCS1-v1_5', k, signature, utf8('x')), await s.verify('RSASSA-PKCS1-v1_5', k, flip(signature), utf8('oracle'))] })()", "2048,1-0-1,true,false,false"),
            ("(async () => { const k = await s.importKey('spki', spki, rs256, true, ['verify']); return [(await s.exportKey('jwk', k)).n === rsa.n, await s.verify('RSASSA-PKCS1-v1_5', k, signature, utf8('oracle'))] })()", "true,true"),
            ("nameOf(() => s.importKey('jwk', rsa, { ...rs256, hash: 'SHA-512' }, true, ['verify']))", "DataError"),
            ("nameOf(() => s.importKey('jwk', { ...rsa, n: 'f'.repeat(684) }, rs256, true, ['verify']))", "DataError"),
            ("nameOf(() => s.importKey('jwk', { ...rsa, d: 'AQAB' }, rs256, true, ['verify']))", "NotSupportedError"),
            ("nameOf(() => s.importKey('spki', flip(spki).slice(1), rs256, true, ['verify']))", "DataError"),
        ],
    )
    .await;
}

#[tokio::test]
async fn keys_are_used_for_what_they_are_for() {
    check_expressions(
        PRELUDE,
        &[
            ("nameOf(() => new CryptoKey())", "TypeError"),
            ("(async () => nameOf(async () => s.sign('HMAC', await hmac(utf8('k'), 'SHA-256', ['verify']), utf8('x'))))()", "InvalidAccessError"),
            ("(async () => nameOf(async () => s.sign('Ed25519', await hmac(utf8('k')), utf8('x'))))()", "InvalidAccessError"),
            ("(async () => nameOf(async () => s.exportKey('raw', await gcm(new Uint8Array(16), ['encrypt'], false))))()", "InvalidAccessError"),
            ("(async () => nameOf(async () => s.exportKey('pkcs8', await gcm(new Uint8Array(16)))))()", "NotSupportedError"),
            ("nameOf(() => gcm(new Uint8Array(16), []))", "SyntaxError"),
            ("nameOf(() => gcm(new Uint8Array(16), ['sign']))", "SyntaxError"),
            ("nameOf(() => gcm(new Uint8Array(16), ['all']))", "TypeError"),
            ("nameOf(() => s.importKey('raw', new Uint8Array(1), 'HKDF', true, ['deriveBits']))", "SyntaxError"),
            ("nameOf(() => s.importKey('raw', new Uint8Array(1), 'DES', true, ['encrypt']))", "NotSupportedError"),
            ("nameOf(() => s.sign('HMAC', { type: 'secret' }, utf8('x')))", "TypeError"),
            ("(async () => { const k = await hmac(utf8('k')); try { 'use strict'; k.usages.push('x') } catch {} return [k.usages, k.extractable, k, Object.keys(k).length] })()", "sign,verify,true,[object CryptoKey],0"),
            ("(async () => { const bits = (length) => nameOf(async () => s.deriveBits({ name: 'HKDF', hash: 'SHA-256', salt: utf8(''), info: utf8('') }, await s.importKey('raw', utf8('k'), 'HKDF', false, ['deriveBits']), length)); return [await bits(7), await bits(255 * 256 + 8), await bits(null), await bits(2 ** 40)] })()", "OperationError,OperationError,OperationError,OperationError"),
            ("(async () => nameOf(async () => s.deriveBits({ name: 'PBKDF2', hash: 'SHA-256', salt: utf8(''), iterations: 0 }, await s.importKey('raw', utf8('k'), 'PBKDF2', false, ['deriveBits']), 256)))()", "OperationError"),
            ("nameOf(() => crypto.getRandomValues(new Float32Array(1)))", "TypeMismatchError"),
        ],
    )
    .await;
}
