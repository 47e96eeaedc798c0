//! Expressions in Python or JavaScript as CEL, where it is certain that they come to the same.
//!
//! `and`, `or`, `not`, `in`, comparisons in a row, `len(x)` and the methods of texts have counterparts. What Python takes for
//! true without its being a truth value is spelled out (`answer != ""`). Anything else is refused with the reason, and never
//! guessed at.

use super::tokens::{Token, tokens};
use super::words::{Holds, Names};
use assay_expression::Expression;
use serde_json::json;

/// How deep brackets may nest.
const MAX_DEPTH: usize = 30;

/// A condition in CEL. `score` is the metric whose score is meant by that word.
///
/// # Errors
/// Why it cannot be one for certain.
pub(super) fn condition(
    source: &str,
    names: &Names,
    score: Option<&str>,
) -> Result<String, String> {
    let mut parser = Parser::of(source, names, score)?;
    let piece = parser.whole()?;
    compiled(truth(&piece)?)
}

/// A value in CEL.
///
/// # Errors
/// Why it cannot be one for certain.
pub(super) fn value(source: &str, names: &Names) -> Result<String, String> {
    let mut parser = Parser::of(source, names, None)?;
    let piece = parser.whole()?;
    compiled(piece.plain()?.text)
}

fn compiled(text: String) -> Result<String, String> {
    Expression::compile(&text).map_err(|fault| fault.to_string())?;
    Ok(text)
}

/// How tightly the parts of a piece hold together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    Choice,
    Or,
    And,
    Compare,
    Add,
    Multiply,
    Unary,
    Whole,
}

#[derive(Debug, Clone)]
struct Piece {
    text: String,
    level: Level,
    holds: Holds,
}

impl Piece {
    fn whole(text: impl Into<String>, holds: Holds) -> Self {
        Self::new(text, Level::Whole, holds)
    }

    fn new(text: impl Into<String>, level: Level, holds: Holds) -> Self {
        Self {
            text: text.into(),
            level,
            holds,
        }
    }

    /// In brackets unless it holds together at least so tightly.
    fn at(&self, level: Level) -> String {
        if self.level < level {
            format!("({})", self.text)
        } else {
            self.text.clone()
        }
    }

    /// As a value: of `a or b` only the truth is known.
    fn plain(self) -> Result<Self, String> {
        if self.holds == Holds::Truthy {
            return Err(format!("what `{}` comes to is not certain", self.text));
        }
        Ok(self)
    }
}

/// A piece whose truth is meant, spelled out.
fn truthful(piece: &Piece) -> Result<Piece, String> {
    let text = match piece.holds {
        Holds::Truth | Holds::Truthy => return Ok(piece.clone()),
        Holds::Text => format!("{} != \"\"", piece.at(Level::Add)),
        Holds::Number => format!("{} != 0", piece.at(Level::Add)),
        Holds::List => format!("size({}) > 0", piece.text),
        Holds::Nothing => return Ok(Piece::whole("false", Holds::Truthy)),
        Holds::Anything => {
            return Err(format!(
                "whether `{}` counts as true is not certain",
                piece.text
            ));
        }
    };
    Ok(Piece::new(text, Level::Compare, Holds::Truthy))
}

fn truth(piece: &Piece) -> Result<String, String> {
    truthful(piece).map(|piece| piece.text)
}

struct Parser<'n> {
    tokens: std::iter::Peekable<std::vec::IntoIter<Token>>,
    names: &'n Names,
    score: Option<&'n str>,
    depth: usize,
    /// Whether letters are made small or great, and whether there are texts with letters beyond ASCII.
    folds: bool,
    beyond: bool,
}

impl<'n> Parser<'n> {
    fn of(source: &str, names: &'n Names, score: Option<&'n str>) -> Result<Self, String> {
        Ok(Self {
            tokens: tokens(source)?.into_iter().peekable(),
            names,
            score,
            depth: 0,
            folds: false,
            beyond: false,
        })
    }

    fn whole(&mut self) -> Result<Piece, String> {
        let piece = self.choice()?;
        if self.tokens.peek().is_some() {
            return Err("it is more than an expression".into());
        }
        if self.folds && self.beyond {
            return Err("letters beyond ASCII are not made small or great here".into());
        }
        Ok(piece)
    }

    fn takes(&mut self, sign: &str) -> bool {
        let is = |token: &Token| matches!(token, Token::Sign(s) if *s == sign);
        self.tokens.next_if(is).is_some()
    }

    fn takes_word(&mut self, word: &str) -> bool {
        let is = |token: &Token| matches!(token, Token::Name(name) if name == word);
        self.tokens.next_if(is).is_some()
    }

    fn needs(&mut self, sign: &str) -> Result<(), String> {
        self.takes(sign)
            .then_some(())
            .ok_or_else(|| format!("`{sign}` is missing"))
    }

    fn choice(&mut self) -> Result<Piece, String> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err("it nests too deep".into());
        }
        let first = self.or()?;
        let (when, then, or_else) = if self.takes("?") {
            let then = self.choice()?;
            self.needs(":")?;
            (first, then, self.choice()?)
        } else if self.takes_word("if") {
            let when = self.or()?;
            if !self.takes_word("else") {
                return Err("`else` is missing".into());
            }
            (when, first, self.choice()?)
        } else {
            self.depth -= 1;
            return Ok(first);
        };
        self.depth -= 1;
        let (then, or_else) = (then.plain()?, or_else.plain()?);
        let holds = if then.holds == or_else.holds {
            then.holds
        } else {
            Holds::Anything
        };
        let text = format!(
            "{} ? {} : {}",
            truthful(&when)?.at(Level::Or),
            then.at(Level::Or),
            or_else.at(Level::Or)
        );
        Ok(Piece::new(text, Level::Choice, holds))
    }

    fn or(&mut self) -> Result<Piece, String> {
        let mut left = self.and()?;
        while self.takes_word("or") || self.takes("||") {
            let right = self.and()?;
            left = joined(&left, "||", &right, Level::Or)?;
        }
        Ok(left)
    }

    fn and(&mut self) -> Result<Piece, String> {
        let mut left = self.not()?;
        while self.takes_word("and") || self.takes("&&") {
            let right = self.not()?;
            left = joined(&left, "&&", &right, Level::And)?;
        }
        Ok(left)
    }

    fn not(&mut self) -> Result<Piece, String> {
        let mut times = 0_usize;
        while self.takes_word("not") {
            times += 1;
        }
        let piece = self.comparison()?;
        if times == 0 {
            return Ok(piece);
        }
        let piece = truthful(&piece)?;
        Ok(if times.is_multiple_of(2) {
            piece
        } else {
            Piece::new(
                format!("!{}", piece.at(Level::Whole)),
                Level::Unary,
                Holds::Truth,
            )
        })
    }

    /// Comparisons in a row: each of a value with the next, and all of them hold.
    fn comparison(&mut self) -> Result<Piece, String> {
        let mut left = self.sum()?;
        let mut all: Option<Piece> = None;
        while let Some(operator) = self.operator()? {
            let (from, right) = (left.plain()?, self.sum()?.plain()?);
            let piece = compared(&from, operator, &right)?;
            left = right;
            all = Some(match all {
                Some(before) => joined(&before, "&&", &piece, Level::And)?,
                None => piece,
            });
        }
        Ok(all.unwrap_or(left))
    }

    fn operator(&mut self) -> Result<Option<&'static str>, String> {
        for (sign, operator) in [
            ("===", "=="),
            ("!==", "!="),
            ("==", "=="),
            ("!=", "!="),
            ("<=", "<="),
            (">=", ">="),
            ("<", "<"),
            (">", ">"),
        ] {
            if self.takes(sign) {
                return Ok(Some(operator));
            }
        }
        if self.takes_word("in") {
            return Ok(Some("in"));
        }
        if self.takes_word("is") {
            return Ok(Some(if self.takes_word("not") {
                "is not"
            } else {
                "is"
            }));
        }
        if self.takes_word("not") {
            return if self.takes_word("in") {
                Ok(Some("not in"))
            } else {
                Err("`not` stands where an operator should".into())
            };
        }
        Ok(None)
    }

    fn sum(&mut self) -> Result<Piece, String> {
        let mut left = self.product()?;
        loop {
            let sign = if self.takes("+") {
                "+"
            } else if self.takes("-") {
                "-"
            } else {
                return Ok(left);
            };
            let right = self.product()?.plain()?;
            let from = left.plain()?;
            let holds = match (from.holds, right.holds) {
                (Holds::Number, Holds::Number) => Holds::Number,
                (Holds::Text, Holds::Text) if sign == "+" => Holds::Text,
                (Holds::Number | Holds::Anything, Holds::Number | Holds::Anything) => {
                    Holds::Anything
                }
                _ => {
                    return Err(format!(
                        "`{} {sign} {}` is not certain",
                        from.text, right.text
                    ));
                }
            };
            let text = format!(
                "{} {sign} {}",
                from.at(Level::Add),
                right.at(Level::Multiply)
            );
            left = Piece::new(text, Level::Add, holds);
        }
    }

    fn product(&mut self) -> Result<Piece, String> {
        let mut left = self.unary()?;
        loop {
            let divides = if self.takes("*") {
                false
            } else if self.takes("/") {
                true
            } else {
                return Ok(left);
            };
            let (from, right) = (left.plain()?, self.unary()?.plain()?);
            let are = [&from, &right]
                .iter()
                .all(|p| matches!(p.holds, Holds::Number | Holds::Anything));
            if !are {
                return Err(format!(
                    "`{}` and `{}` are no numbers for certain",
                    from.text, right.text
                ));
            }
            // What is whole divided by what is whole has a fraction there.
            let text = if divides {
                format!("double({}) / double({})", from.text, right.text)
            } else {
                format!("{} * {}", from.at(Level::Multiply), right.at(Level::Unary))
            };
            left = Piece::new(text, Level::Multiply, Holds::Number);
        }
    }

    fn unary(&mut self) -> Result<Piece, String> {
        if self.takes("-") {
            let Some(Token::Number(number)) = self.tokens.next() else {
                return Err("`-` stands before what is no number".into());
            };
            return Ok(Piece::new(
                format!("-{number}"),
                Level::Unary,
                Holds::Number,
            ));
        }
        let mut times = 0_usize;
        while self.takes("!") {
            times += 1;
        }
        let piece = self.primary()?;
        if times == 0 {
            return Ok(piece);
        }
        let text = truthful(&piece)?.at(Level::Whole);
        let sign = if times.is_multiple_of(2) { "!!" } else { "!" };
        Ok(Piece::new(
            format!("{sign}{text}"),
            Level::Unary,
            Holds::Truth,
        ))
    }

    fn primary(&mut self) -> Result<Piece, String> {
        let mut piece = match self.tokens.next() {
            Some(Token::Text(text)) => {
                self.beyond |= !text.is_ascii();
                Piece::whole(json!(text).to_string(), Holds::Text)
            }
            Some(Token::Number(number)) => Piece::whole(number, Holds::Number),
            Some(Token::Sign("(")) => {
                let inner = self.choice()?;
                self.needs(")")?;
                Piece::new(format!("({})", inner.text), Level::Whole, inner.holds)
            }
            Some(Token::Sign("[")) => self.items()?,
            Some(Token::Name(name)) => self.named(&name)?,
            Some(Token::Sign(sign)) => return Err(format!("`{sign}` stands where a value should")),
            None => return Err("it ends where a value should stand".into()),
        };
        loop {
            if self.takes(".") {
                let Some(Token::Name(member)) = self.tokens.next() else {
                    return Err("no name follows `.`".into());
                };
                piece = self.member(piece.plain()?, &member)?;
            } else if self.takes("[") {
                let index = self.tokens.next();
                self.needs("]")?;
                piece = indexed(&piece.plain()?, index)?;
            } else {
                return Ok(piece);
            }
        }
    }

    fn items(&mut self) -> Result<Piece, String> {
        let mut items = Vec::new();
        while !self.takes("]") {
            items.push(self.choice()?.plain()?.text);
            if !self.takes(",") {
                self.needs("]")?;
                break;
            }
        }
        Ok(Piece::whole(format!("[{}]", items.join(", ")), Holds::List))
    }

    fn named(&mut self, name: &str) -> Result<Piece, String> {
        match name {
            "True" | "true" => return Ok(Piece::whole("true", Holds::Truth)),
            "False" | "false" => return Ok(Piece::whole("false", Holds::Truth)),
            "None" | "null" | "undefined" => return Ok(Piece::whole("null", Holds::Nothing)),
            "variables" | "vars" if self.names.path(name).is_none() => return self.variable(),
            "len" if self.takes("(") => {
                let of = self.choice()?.plain()?;
                self.needs(")")?;
                return if matches!(of.holds, Holds::Text | Holds::List | Holds::Anything) {
                    Ok(Piece::whole(format!("size({})", of.text), Holds::Number))
                } else {
                    Err(format!("`{}` has no length", of.text))
                };
            }
            _ => {}
        }
        match (self.names.path(name), self.score) {
            (Some((path, holds)), _) => Ok(Piece::whole(path, holds)),
            // A metric that was not scored counts as 0 there.
            (None, Some(score)) if name == "score" => {
                let score = json!(score);
                let text = format!(
                    "({score} in scores && scores[{score}] != null ? scores[{score}] : 0.0)"
                );
                Ok(Piece::whole(text, Holds::Number))
            }
            (None, _) => Err(format!("nothing here is known as `{name}`")),
        }
    }

    /// After `variables`, which holds all of them there.
    fn variable(&mut self) -> Result<Piece, String> {
        let unclear = || Err("which of the `variables` is meant is not certain".to_owned());
        let name = if self.takes("[") {
            let name = self.tokens.next();
            self.needs("]")?;
            name
        } else if self.takes(".") {
            match self.tokens.next() {
                Some(Token::Name(get)) if get == "get" => {
                    self.needs("(")?;
                    let name = self.tokens.next();
                    self.needs(")")?;
                    name
                }
                name => name,
            }
        } else {
            return unclear();
        };
        let Some(Token::Text(name) | Token::Name(name)) = name else {
            return unclear();
        };
        match self.names.path(&name) {
            Some((path, holds)) => Ok(Piece::whole(path, holds)),
            None => Err(format!("nothing sets `{name}`")),
        }
    }

    fn member(&mut self, of: Piece, member: &str) -> Result<Piece, String> {
        let calls = self.takes("(");
        if !calls {
            return match (of.holds, member) {
                (Holds::Text | Holds::List, "length") => {
                    Ok(Piece::whole(format!("size({})", of.text), Holds::Number))
                }
                (Holds::Anything, _) => Ok(Piece::whole(
                    format!("{}.{member}", of.at(Level::Whole)),
                    Holds::Anything,
                )),
                _ => Err(format!("`{}` has no `{member}`", of.text)),
            };
        }
        let argument = if self.takes(")") {
            None
        } else {
            let argument = self.choice()?.plain()?;
            self.needs(")")?;
            Some(argument)
        };
        let (function, holds) = match (of.holds, member, argument.as_ref().map(|a| a.holds)) {
            (Holds::Text, "lower" | "casefold" | "toLowerCase", None) => {
                ("lowerAscii", Holds::Text)
            }
            (Holds::Text, "upper" | "toUpperCase", None) => ("upperAscii", Holds::Text),
            (Holds::Text, "strip" | "trim", None) => ("trim", Holds::Text),
            (Holds::Text, "startswith" | "startsWith", Some(Holds::Text)) => {
                ("startsWith", Holds::Truth)
            }
            (Holds::Text, "endswith" | "endsWith", Some(Holds::Text)) => ("endsWith", Holds::Truth),
            (Holds::Text, "includes", Some(Holds::Text)) => ("contains", Holds::Truth),
            _ => return Err(format!("`{member}` of `{}` has no counterpart", of.text)),
        };
        self.folds |= function.ends_with("Ascii");
        let argument = argument.map(|a| a.text).unwrap_or_default();
        let text = format!("{}.{function}({argument})", of.at(Level::Whole));
        Ok(Piece::whole(text, holds))
    }
}

fn joined(left: &Piece, sign: &str, right: &Piece, level: Level) -> Result<Piece, String> {
    let both = left.holds == Holds::Truth && right.holds == Holds::Truth;
    let text = format!(
        "{} {sign} {}",
        truthful(left)?.at(level),
        truthful(right)?.at(level)
    );
    Ok(Piece::new(
        text,
        level,
        if both { Holds::Truth } else { Holds::Truthy },
    ))
}

fn compared(left: &Piece, operator: &str, right: &Piece) -> Result<Piece, String> {
    let unclear = || format!("`{} {operator} {}` is not certain", left.text, right.text);
    let (a, b) = (left.at(Level::Add), right.at(Level::Add));
    let text = match (operator, left.holds, right.holds) {
        ("==" | "!=", ..) => format!("{a} {operator} {b}"),
        ("is", _, Holds::Nothing) => format!("{a} == null"),
        ("is not", _, Holds::Nothing) => format!("{a} != null"),
        ("in", Holds::Text, Holds::Text) => {
            let text = format!("{}.contains({})", right.at(Level::Whole), left.text);
            return Ok(Piece::whole(text, Holds::Truth));
        }
        ("not in", Holds::Text, Holds::Text) => {
            let text = format!("!{}.contains({})", right.at(Level::Whole), left.text);
            return Ok(Piece::new(text, Level::Unary, Holds::Truth));
        }
        ("in", _, Holds::List) => format!("{a} in {b}"),
        ("not in", _, Holds::List) => {
            return Ok(Piece::new(
                format!("!({a} in {b})"),
                Level::Unary,
                Holds::Truth,
            ));
        }
        (
            "<" | "<=" | ">" | ">=",
            Holds::Number | Holds::Anything,
            Holds::Number | Holds::Anything,
        )
        | ("<" | "<=" | ">" | ">=", Holds::Text, Holds::Text) => format!("{a} {operator} {b}"),
        _ => return Err(unclear()),
    };
    Ok(Piece::new(text, Level::Compare, Holds::Truth))
}

fn indexed(of: &Piece, index: Option<Token>) -> Result<Piece, String> {
    let index = match (of.holds, index) {
        (Holds::Anything, Some(Token::Text(key))) => json!(key).to_string(),
        (Holds::Anything | Holds::List, Some(Token::Number(number))) if !number.contains('.') => {
            number
        }
        _ => return Err(format!("what of `{}` is meant is not certain", of.text)),
    };
    Ok(Piece::whole(
        format!("{}[{index}]", of.at(Level::Whole)),
        Holds::Anything,
    ))
}

#[cfg(test)]
#[path = "python_tests.rs"]
mod tests;
