//! Just enough of Rust's grammar to see which names a file uses.

/// A word, `::`, or one other character, with its line (from 1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token<'a> {
    pub text: &'a str,
    pub line: usize,
}

/// The tokens of `source` that the program is built from: no comments, no text
/// in quotes, no `#[cfg(test)]` modules.
pub fn tokens(source: &str) -> Vec<Token<'_>> {
    without_test_modules(&all_tokens(source))
}

fn all_tokens(source: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut rest = source;
    let mut line = 1;
    while let Some(first) = rest.chars().next() {
        let skipped = skipped(rest);
        let (text, after) = rest.split_at(skipped.unwrap_or_else(|| token_length(rest, first)));
        if skipped.is_none() && !first.is_whitespace() {
            tokens.push(Token { text, line });
        }
        line += text.matches('\n').count();
        rest = after;
    }
    tokens
}

fn token_length(rest: &str, first: char) -> usize {
    if rest.starts_with("::") {
        2
    } else if is_word(first) {
        rest.find(|c| !is_word(c)).unwrap_or(rest.len())
    } else {
        first.len_utf8()
    }
}

fn is_word(character: char) -> bool {
    character == '_' || character.is_alphanumeric()
}

/// The length of the comment, string or character that `rest` begins with.
fn skipped(rest: &str) -> Option<usize> {
    if rest.starts_with("//") {
        return Some(rest.find('\n').unwrap_or(rest.len()));
    }
    if rest.starts_with("/*") {
        return Some(rest.find("*/").map_or(rest.len(), |end| end + 2));
    }
    let prefix = rest.trim_start_matches(['b', 'c']);
    if rest.len() - prefix.len() > 1 {
        return None;
    }
    let at_quote = prefix.strip_prefix('r').unwrap_or(prefix);
    let raw = at_quote.len() < prefix.len();
    let hashes = at_quote.len() - at_quote.trim_start_matches('#').len();
    let opened = rest.len() - at_quote.len() + hashes + 1;
    match rest.as_bytes().get(opened - 1)? {
        b'"' if raw => Some(raw_string(rest, opened, hashes)),
        b'"' if hashes == 0 => Some(closed(rest, opened, '"')),
        b'\'' if hashes == 0 && !raw && is_character(&rest[opened..]) => {
            Some(closed(rest, opened, '\''))
        }
        _ => None,
    }
}

fn raw_string(rest: &str, opened: usize, hashes: usize) -> usize {
    let end = format!("\"{}", "#".repeat(hashes));
    let length = rest[opened..].find(&end);
    length.map_or(rest.len(), |at| opened + at + end.len())
}

/// `'a'` and `'\n'` are characters; `'a` and `'static` are lifetimes.
fn is_character(after_quote: &str) -> bool {
    let mut characters = after_quote.chars();
    characters.next() == Some('\\') || characters.next() == Some('\'')
}

/// The length up to the `quote` that closes what was opened, escapes passed over.
fn closed(rest: &str, opened: usize, quote: char) -> usize {
    let mut escaped = false;
    for (at, character) in rest[opened..].char_indices() {
        if character == quote && !escaped {
            return opened + at + 1;
        }
        escaped = character == '\\' && !escaped;
    }
    rest.len()
}

fn without_test_modules<'a>(tokens: &[Token<'a>]) -> Vec<Token<'a>> {
    const MARK: [&str; 7] = ["#", "[", "cfg", "(", "test", ")", "]"];
    let mut kept = Vec::new();
    let mut rest = tokens;
    while let Some(&token) = rest.first() {
        let marked = rest.len() > MARK.len() && MARK.iter().zip(rest).all(|(m, t)| *m == t.text);
        let module = marked
            && rest[MARK.len()].text == "mod"
            && rest.get(MARK.len() + 2).is_some_and(|t| t.text == "{");
        if module {
            rest = &rest[block_end(rest)..];
        } else {
            kept.push(token);
            rest = &rest[1..];
        }
    }
    kept
}

/// How many tokens there are up to the end of the first `{ … }`.
fn block_end(tokens: &[Token<'_>]) -> usize {
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate() {
        match token.text {
            "{" => depth += 1,
            "}" if depth == 1 => return at + 1,
            "}" => depth -= 1,
            _ => {}
        }
    }
    tokens.len()
}
