//! What `#[derive(Tool)]` becomes. What can be told of a declaration before the program runs is told here, at its place.

use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::meta::ParseNestedMeta;
use syn::spanned::Spanned;
use syn::{Attribute, Data, DeriveInput, Error, Expr, Fields, Lit, LitInt, LitStr, Meta, Result};

/// What providers take as a name; core says the same when the program runs.
const LONGEST_NAME: usize = 64;

/// The attributes of a tool.
#[derive(Default)]
struct Options {
    name: Option<LitStr>,
    namespace: Option<LitStr>,
    timeout: Option<Timeout>,
    max_concurrency: Option<LitInt>,
}

enum Timeout {
    Seconds(f64),
    None,
}

/// The implementation for a struct.
pub(crate) fn expand(input: &DeriveInput) -> Result<TokenStream> {
    check_shape(input)?;
    let options = Options::of(&input.attrs)?;
    let description = documentation(&input.attrs);
    if description.is_empty() {
        return Err(Error::new(
            input.ident.span(),
            "a tool needs a description: write a doc comment (`/// ...`) above the struct; the model chooses tools by it",
        ));
    }
    let name = match &options.name {
        Some(name) => name.clone(),
        None => LitStr::new(&snake_case(&input.ident.to_string()), input.ident.span()),
    };
    check_name(&name)?;
    let limits = options.limits();
    let (ident, (generics, arguments, bounds)) = (&input.ident, input.generics.split_for_impl());
    Ok(quote! {
        #[automatically_derived]
        impl #generics ::codexkit::tools::DeclareTool for #ident #arguments #bounds {
            fn spec() -> ::codexkit::tools::ToolSpec {
                ::codexkit::tools::ToolSpec::of_type::<Self>(#name, #description) #limits
            }
        }
    })
}

/// The arguments are an object, so that the type has to be a struct with named fields, or without any.
fn check_shape(input: &DeriveInput) -> Result<()> {
    let why = "the arguments of a tool are an object: derive Tool for a struct with named fields";
    match &input.data {
        Data::Struct(data) => match &data.fields {
            Fields::Named(_) => Ok(()),
            Fields::Unnamed(_) => Err(Error::new(data.fields.span(), why)),
            Fields::Unit => Err(Error::new(
                input.ident.span(),
                format!(
                    "{why}; without arguments it is `struct {} {{}}`",
                    input.ident
                ),
            )),
        },
        Data::Enum(data) => Err(Error::new(data.enum_token.span(), why)),
        Data::Union(data) => Err(Error::new(data.union_token.span(), why)),
    }
}

impl Options {
    fn of(attributes: &[Attribute]) -> Result<Self> {
        let mut options = Self::default();
        for attribute in attributes {
            if attribute.path().is_ident("tool") {
                attribute.parse_nested_meta(|meta| options.read(&meta))?;
            }
        }
        Ok(options)
    }

    fn read(&mut self, meta: &ParseNestedMeta<'_>) -> Result<()> {
        let span = meta.path.span();
        if meta.path.is_ident("name") {
            once(&mut self.name, string(meta, "name")?, span)
        } else if meta.path.is_ident("namespace") {
            let namespace = string(meta, "namespace")?;
            check_name(&namespace)?;
            once(&mut self.namespace, namespace, span)
        } else if meta.path.is_ident("timeout") {
            once(&mut self.timeout, timeout(meta)?, span)
        } else if meta.path.is_ident("max_concurrency") {
            once(&mut self.max_concurrency, calls(meta)?, span)
        } else {
            Err(meta.error(
                "there is no such attribute of a tool; there are name, namespace, timeout and max_concurrency; \
                 the description is the doc comment",
            ))
        }
    }

    /// The calls that set what was given.
    fn limits(&self) -> TokenStream {
        let namespace = self.namespace.iter().map(|it| quote!(.namespace(#it)));
        let timeout = self.timeout.iter().map(|timeout| match timeout {
            Timeout::Seconds(seconds) => quote! {
                .timeout(::core::option::Option::Some(::core::time::Duration::from_secs_f64(#seconds)))
            },
            Timeout::None => quote!(.timeout(::core::option::Option::None)),
        });
        let calls = self.max_concurrency.iter();
        let calls = calls.map(|calls| quote!(.max_concurrency(#calls)));
        quote!(#(#namespace)* #(#timeout)* #(#calls)*)
    }
}

fn once<T>(place: &mut Option<T>, value: T, span: Span) -> Result<()> {
    if place.is_some() {
        return Err(Error::new(span, "it is given twice"));
    }
    *place = Some(value);
    Ok(())
}

fn string(meta: &ParseNestedMeta<'_>, name: &str) -> Result<LitStr> {
    match meta.value()?.parse()? {
        Lit::Str(text) => Ok(text),
        other => {
            let why = format!("expected a string: {name} = \"...\"");
            Err(Error::new(other.span(), why))
        }
    }
}

fn timeout(meta: &ParseNestedMeta<'_>) -> Result<Timeout> {
    let value: Lit = meta.value()?.parse()?;
    let seconds = match &value {
        Lit::Str(word) if word.value() == "none" => return Ok(Timeout::None),
        Lit::Int(number) => number.base10_parse().ok(),
        Lit::Float(number) => number.base10_parse().ok(),
        _ => None,
    };
    match seconds {
        // What a `Duration` holds, and more than nothing.
        Some(seconds) if seconds > 1e-9 && seconds < 1e18 => Ok(Timeout::Seconds(seconds)),
        _ => {
            let why = "expected a positive number of seconds, or \"none\" for no limit";
            Err(Error::new(value.span(), why))
        }
    }
}

fn calls(meta: &ParseNestedMeta<'_>) -> Result<LitInt> {
    let value: Lit = meta.value()?.parse()?;
    match &value {
        Lit::Int(number) if number.base10_parse::<u32>().is_ok_and(|calls| calls > 0) => {
            Ok(LitInt::new(number.base10_digits(), number.span()))
        }
        _ => {
            let why = "expected a whole number of at least 1: with 0 no call could ever run";
            Err(Error::new(value.span(), why))
        }
    }
}

/// The doc comment, its lines joined as a reader sees them.
fn documentation(attributes: &[Attribute]) -> String {
    let lines = attributes.iter().filter_map(|attribute| {
        let Meta::NameValue(pair) = &attribute.meta else {
            return None;
        };
        match &pair.value {
            Expr::Lit(literal) if pair.path.is_ident("doc") => match &literal.lit {
                Lit::Str(text) => Some(text.value()),
                _ => None,
            },
            _ => None,
        }
    });
    let lines: Vec<String> = lines.collect();
    let lines = lines.iter().flat_map(|line| line.split('\n'));
    let lines: Vec<&str> = lines
        .map(|line| line.strip_prefix(' ').unwrap_or(line).trim_end())
        .collect();
    let paragraphs = lines.split(|line| line.is_empty());
    let paragraphs = paragraphs.filter(|lines| !lines.is_empty());
    paragraphs
        .map(|lines| lines.join(" "))
        .collect::<Vec<_>>()
        .join("\n\n")
}

fn snake_case(name: &str) -> String {
    let letters: Vec<char> = name.trim_start_matches("r#").chars().collect();
    let mut snake = String::new();
    for (at, letter) in letters.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|at| letters.get(at));
        let after = letters.get(at + 1);
        let begins = letter.is_uppercase()
            && before.is_some_and(|before| {
                // The last capital of an abbreviation begins a word: `HTTPGet` is `http_get`.
                !before.is_uppercase() && *before != '_'
                    || before.is_uppercase() && after.is_some_and(|after| after.is_lowercase())
            });
        if begins {
            snake.push('_');
        }
        snake.extend(letter.to_lowercase());
    }
    snake
}

fn check_name(name: &LitStr) -> Result<()> {
    let text = name.value();
    let fits = |char: char| char.is_ascii_alphanumeric() || matches!(char, '_' | '-');
    if text.is_empty() || text.len() > LONGEST_NAME || !text.chars().all(fits) {
        let why = format!(
            "{text:?} is no name for a tool: expected 1 to {LONGEST_NAME} letters, digits, _ and -"
        );
        return Err(Error::new(name.span(), why));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use syn::parse_quote;

    use super::*;

    fn why(input: &DeriveInput) -> String {
        expand(input).expect_err("it was accepted").to_string()
    }

    #[test]
    fn names_are_snake_case() {
        for (name, expected) in [
            ("Add", "add"),
            ("AddNumbers", "add_numbers"),
            ("HTTPGet", "http_get"),
            ("V2Search", "v2_search"),
            ("Is_It", "is_it"),
            ("r#Box", "box"),
        ] {
            assert_eq!(snake_case(name), expected);
        }
    }

    #[test]
    fn a_doc_comment_is_read_as_it_looks() {
        let input: DeriveInput = parse_quote! {
            /// Adds two numbers,
            /// whole ones.
            ///
            ///
            /// Not more.
            struct Add {}
        };
        let read = documentation(&input.attrs);
        assert_eq!(read, "Adds two numbers, whole ones.\n\nNot more.");
    }

    #[test]
    fn everything_that_is_given_is_in_the_declaration() {
        let input = parse_quote! {
            /// Adds.
            #[tool(name = "plus", namespace = "sums", timeout = 2.5, max_concurrency = 3)]
            struct Add<T> { a: T }
        };
        let made = expand(&input).expect("it is right").to_string();
        for part in [
            "\"plus\"",
            "\"Adds.\"",
            "namespace (\"sums\")",
            "2.5",
            "max_concurrency (3)",
            "impl < T >",
        ] {
            assert!(made.contains(part), "{part} in {made}");
        }
        let input = parse_quote! {
            /// Adds.
            #[tool(timeout = "none")]
            struct AddAll {}
        };
        let made = expand(&input).expect("it is right").to_string();
        assert!(
            made.contains("\"add_all\"") && made.contains("None"),
            "{made}"
        );
    }

    #[test]
    fn wrong_declarations_say_what_is_wrong() {
        assert!(why(&parse_quote! { struct Add {} }).contains("doc comment"));
        let cases: [(&str, DeriveInput); 6] = [
            (
                "named fields",
                parse_quote! { /** Adds. */ struct Add(i64); },
            ),
            ("`struct Add {}`", parse_quote! { /** Adds. */ struct Add; }),
            ("named fields", parse_quote! { /** Adds. */ enum Add { A } }),
            (
                "named fields",
                parse_quote! { /** Adds. */ union Add { a: i64 } },
            ),
            (
                "no name for a tool",
                parse_quote! { /** Adds. */ #[tool(name = "a b")] struct Add {} },
            ),
            (
                "no name for a tool",
                parse_quote! { /** Adds. */ #[tool(namespace = "")] struct Add {} },
            ),
        ];
        for (expected, input) in cases {
            let said = why(&input);
            assert!(said.contains(expected), "{expected}: {said}");
        }
        let attributes: [(&str, TokenStream); 8] = [
            ("there are name, namespace", quote!(description = "Adds.")),
            ("expected a string", quote!(name = 3)),
            ("given twice", quote!(name = "a", name = "b")),
            ("positive number of seconds", quote!(timeout = 0)),
            ("positive number of seconds", quote!(timeout = "forever")),
            ("positive number of seconds", quote!(timeout = true)),
            ("at least 1", quote!(max_concurrency = 0)),
            ("at least 1", quote!(max_concurrency = 1.5)),
        ];
        for (expected, attribute) in attributes {
            let said = why(&parse_quote! { /** Adds. */ #[tool(#attribute)] struct Add {} });
            assert!(said.contains(expected), "{expected}: {said}");
        }
    }
}
