//! Which modules of the crate a file names.

use crate::tokens::Token;

/// A top-level module of the crate, named in a path or an import.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Import {
    pub module: String,
    pub line: usize,
}

/// Every `crate::…`, `moderato::…` and `super::…` in `tokens` that leads to a
/// top-level module, of a file whose module is `path` (`["grpc", "auth"]`).
pub fn imports(tokens: &[Token<'_>], path: &[&str]) -> Vec<Import> {
    let mut imports = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        let starts = at == 0 || tokens[at - 1].text != "::";
        let rest = &tokens[at + 1..];
        match token.text {
            "crate" | "moderato" if starts => imports.extend(named(rest)),
            "super" if starts => imports.extend(named_from(rest, path)),
            _ => {}
        }
    }
    imports
}

/// The modules named after `super` in a file whose module is `path`.
fn named_from(after_super: &[Token<'_>], path: &[&str]) -> Vec<Import> {
    let mut rest = after_super;
    let mut depth = path.len() - 1;
    while let [colons, word, ..] = rest
        && (colons.text, word.text) == ("::", "super")
    {
        rest = &rest[2..];
        depth = depth.saturating_sub(1);
    }
    // What is named from further down stays within the file's own module.
    if depth == 0 { named(rest) } else { Vec::new() }
}

/// The modules named after `crate`: `::a`, or `::{a, b::c, d as e}`.
fn named(rest: &[Token<'_>]) -> Vec<Import> {
    let import = |token: &Token<'_>| Import {
        module: token.text.to_owned(),
        line: token.line,
    };
    match rest {
        [colons, brace, group @ ..] if (colons.text, brace.text) == ("::", "{") => {
            heads(group).iter().map(import).collect()
        }
        [colons, word, ..] if colons.text == "::" => vec![import(word)],
        _ => Vec::new(),
    }
}

/// The first token of each item of a group whose `{` stands before.
fn heads<'a>(group: &[Token<'a>]) -> Vec<Token<'a>> {
    let mut heads = Vec::new();
    let mut depth = 1_usize;
    let mut at_head = true;
    for token in group {
        match token.text {
            "{" => depth += 1,
            "}" => depth -= 1,
            "," if depth == 1 => at_head = true,
            _ if at_head => {
                heads.push(*token);
                at_head = false;
            }
            _ => {}
        }
        if depth == 0 {
            break;
        }
    }
    heads
}
