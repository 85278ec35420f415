//! `data:` URLs: content that stands in the URL itself.

use data_url::DataUrl;

/// The media type, if the URL has one, and the bytes of a `data:` URL; or why it is none.
pub(crate) fn decode(url: &str) -> Result<(Option<String>, Vec<u8>), String> {
    let parsed = DataUrl::process(url).map_err(|_| {
        "it is no data URL; one looks like data:image/png;base64,iVBORw0K...".to_owned()
    })?;
    let head = url.split(',').next().unwrap_or_default();
    // Without a type such a URL is a text by definition, but more often somebody left it out.
    let has_type = head.get(5..).is_some_and(|head| {
        head.split(';')
            .next()
            .is_some_and(|kind| kind.contains('/'))
    });
    let media_type = has_type.then(|| {
        let mime = parsed.mime_type();
        format!("{}/{}", mime.type_, mime.subtype)
    });
    let (bytes, _fragment) = parsed
        .decode_to_vec()
        .map_err(|_| "the base64 in the data URL is not valid; was it cut off?".to_owned())?;
    Ok((media_type, bytes))
}

/// Refuses an image's URL that the engine would replace by a remark, or hand on as it is.
///
/// URLs of the web are left to the engine, which says itself that it fetches nothing.
pub(crate) fn check_image(url: &str) -> Result<(), String> {
    let scheme = url.split(':').next().unwrap_or_default();
    if ["http", "https"]
        .iter()
        .any(|web| scheme.eq_ignore_ascii_case(web))
    {
        return Ok(());
    }
    if !scheme.eq_ignore_ascii_case("data") || !url.contains(':') {
        return Err(
            "it is no data URL; an image in a file is a local image, and bytes can be staged with a FileStore"
                .to_owned(),
        );
    }
    let head = url.split(',').next().unwrap_or_default();
    if !head.to_ascii_lowercase().trim_end().ends_with(";base64") {
        return Err(
            "the engine takes images in base64 only, as in data:image/png;base64,...".to_owned(),
        );
    }
    let (media_type, bytes) = decode(url)?;
    let is_other =
        |kind: &String| !kind.starts_with("image/") && kind != "application/octet-stream";
    if let Some(other) = media_type.filter(is_other) {
        return Err(format!("{other} is no image"));
    }
    if bytes.is_empty() {
        return Err("there is nothing in the data URL".to_owned());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_urls_are_decoded() {
        let decoded = |url| decode(url).map(|(kind, bytes)| (kind.unwrap_or_default(), bytes));
        assert_eq!(
            decoded("data:image/png;base64,aGk="),
            Ok(("image/png".to_owned(), b"hi".to_vec()))
        );
        assert_eq!(
            decoded("data:text/plain;charset=utf-8,a%20b"),
            Ok(("text/plain".to_owned(), b"a b".to_vec()))
        );
        assert_eq!(
            decoded("data:;base64,aGk="),
            Ok((String::new(), b"hi".to_vec()))
        );
        for bad in [
            "",
            "hello",
            "https://x/y.png",
            "data:image/png",
            "data:image/png;base64,@@@",
            "data:image/png;base64,a",
        ] {
            assert!(decode(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn urls_of_images_are_checked() {
        for good in [
            "data:image/png;base64,aGk=",
            "DATA:image/png;BASE64,aGk=",
            "data:;base64,aGk=",
            "https://example.com/a.png",
        ] {
            assert_eq!(check_image(good), Ok(()), "{good}");
        }
        for (bad, says) in [
            ("nonsense", "no data URL"),
            ("data", "no data URL"),
            ("file:///etc/passwd", "no data URL"),
            ("data:image/png,hi", "base64 only"),
            ("data:image/png;base64,@@@", "not valid"),
            ("data:image/png;base64,", "nothing"),
            ("data:text/plain;base64,aGk=", "no image"),
        ] {
            let why = check_image(bad).expect_err("refused");
            assert!(why.contains(says), "{bad}: {why}");
        }
    }
}
