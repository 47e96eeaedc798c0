//! What can be wrong with an expression, before and while it runs.

use cel::ExecutionError;

/// Why a text is no expression that can be run.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CompileError {
    /// Nothing but white space.
    #[error("must not be empty")]
    Empty,
    /// More bytes than allowed.
    #[error("must be at most {limit} bytes")]
    TooLong {
        /// [`MAX_LENGTH`](crate::MAX_LENGTH).
        limit: usize,
    },
    /// Too many brackets within brackets, or operators in a row.
    #[error("must not nest deeper than {limit} brackets and operators")]
    TooDeep {
        /// [`MAX_NESTING`](crate::MAX_NESTING).
        limit: usize,
    },
    /// Not CEL.
    #[error("line {line}, column {column}: {message}")]
    Syntax {
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
        /// What is wrong there.
        message: String,
    },
    /// A function that does not exist.
    #[error("there is no function `{0}`")]
    UnknownFunction(String),
    /// Part of CEL that is left out here.
    #[error("{0} are not supported")]
    Unsupported(&'static str),
}

/// Why an evaluation gave no value. Messages name types, never values, since values may be large or secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EvaluateError {
    /// A variable that was not given.
    #[error("there is no variable `{0}`")]
    UnknownVariable(String),
    /// A field that an object does not have.
    #[error("there is no field `{0}`; `has()` asks for one")]
    MissingField(String),
    /// An operator or a function that does not go with the types of its operands.
    #[error("{0}")]
    WrongType(String),
    /// A division by zero, or a number that does not fit.
    #[error("{0}")]
    Number(&'static str),
    /// An index outside of its list.
    #[error("an index is out of bounds")]
    OutOfBounds,
    /// A function that refused what it was given.
    #[error("{function}: {message}")]
    Function {
        /// The function's name.
        function: String,
        /// What it said.
        message: String,
    },
    /// The budget of the variables is used up.
    #[error("the evaluation costs too much")]
    TooExpensive,
    /// The result, or a variable, is too large or nests too deeply.
    #[error("a value is too large or nests too deeply")]
    TooLarge,
    /// A result without a form in JSON.
    #[error("the result has no form in JSON: {0}")]
    NotJson(&'static str),
    /// A result that should be true or false.
    #[error("the result must be true or false, not {0}")]
    NotBool(&'static str),
}

/// The longest text of others within a message, in characters.
const MAX_QUOTE: usize = 120;

fn quote(text: &str) -> String {
    text.chars().take(MAX_QUOTE).collect()
}

impl From<ExecutionError> for EvaluateError {
    fn from(error: ExecutionError) -> Self {
        use ExecutionError as E;
        let wrong = |text: &str| Self::WrongType(text.to_owned());
        match error {
            E::UndeclaredReference(name) => Self::UnknownVariable(quote(&name)),
            E::NoSuchKey(key) => Self::MissingField(quote(&key)),
            E::NoSuchOverload(overload) => Self::WrongType(format!(
                "`{}` does not go with {}",
                operator(overload.function()),
                overload.argument_types().join(" and ")
            )),
            E::UnexpectedType { got, want } => {
                Self::WrongType(format!("expected {}, found {}", quote(&want), quote(&got)))
            }
            E::FunctionError { function, message } => Self::Function {
                function: quote(&function),
                message: quote(&message),
            },
            E::DivisionByZero(_) | E::RemainderByZero(_) => Self::Number("a division by zero"),
            E::Overflow(..) => Self::Number("a number does not fit into 64 bits"),
            E::IndexOutOfBounds(_) => Self::OutOfBounds,
            E::UnsupportedBinaryOperator(name, left, right) => Self::WrongType(format!(
                "`{name}` does not go with {} and {}",
                left.type_of(),
                right.type_of()
            )),
            E::ValuesNotComparable(left, right) => Self::WrongType(format!(
                "{} cannot be compared with {}",
                left.type_of(),
                right.type_of()
            )),
            E::DuplicateKey(_) => wrong("an object names a key twice"),
            E::UnsupportedKeyType(_) => {
                wrong("a key must be a string, a whole number or a boolean")
            }
            E::UnsupportedIndex(..) => wrong("a list is indexed by whole numbers"),
            E::InvalidArgumentCount { expected, actual } => {
                Self::WrongType(format!("expected {expected} arguments, found {actual}"))
            }
            _ => wrong("an operation is not supported"),
        }
    }
}

/// `+` for `_+_` and `@+`, as the text of the expression has it.
fn operator(name: &str) -> String {
    if name.contains('_') && !name.chars().any(char::is_alphanumeric) {
        name.replace('_', "")
    } else {
        name.trim_start_matches('@').to_owned()
    }
}
