//! The kinds of token, and the one table of words.
//!
//! Reserved words mean the same everywhere. Soft words are keywords only where the grammar asks for
//! them; everywhere else they are names, because real tools have arguments called `to`, `from` and
//! `limit`.

use logos::Logos;

/// What a token is. Comments and white space are tokens too, so that nothing of a file is lost.
#[derive(Logos, Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[logos(error = LexError)]
pub enum TokenKind {
    /// Spaces, tabs, line breaks.
    #[regex(r"[ \t\r\n\f]+")]
    Whitespace,
    /// `/// …`: documentation of what follows.
    #[regex(r"///[^\n]*", priority = 20, allow_greedy = true)]
    DocComment,
    /// `// …`
    #[regex(r"//[^\n]*", priority = 10, allow_greedy = true)]
    Comment,
    /// A word that is no keyword.
    #[regex(r"[A-Za-z_][A-Za-z0-9_]*")]
    Ident,
    /// `"…"` on one line.
    #[regex(r#""([^"\\\n]|\\[^\n])*""#)]
    String,
    /// `r"…"` or `r#"…"#`: no escapes.
    #[regex(r#"r"[^"\n]*""#, priority = 20)]
    #[regex(r##"r#"([^"\n]|"[^#\n])*"#"##, priority = 20)]
    Regex,
    /// `15m`, `1h30m`, `200ms`.
    #[regex(r"([0-9]+(ms|s|m|h|d|w))+", priority = 20)]
    Duration,
    /// `20%`, `2.5%`.
    #[regex(r"[0-9]+(\.[0-9]+)?%", priority = 20)]
    Percent,
    /// `250.0`, `1e300`, `2.5e-3`.
    #[regex(r"[0-9][0-9_]*\.[0-9][0-9_]*([eE][+-]?[0-9]+)?", priority = 15)]
    #[regex(r"[0-9][0-9_]*[eE][+-]?[0-9]+", priority = 15)]
    Float,
    /// `250`, `1_000`.
    #[regex(r"[0-9][0-9_]*", priority = 10)]
    Int,
    /// `(`
    #[token("(")]
    LeftParen,
    /// `)`
    #[token(")")]
    RightParen,
    /// `[`
    #[token("[")]
    LeftBracket,
    /// `]`
    #[token("]")]
    RightBracket,
    /// `{`
    #[token("{")]
    LeftBrace,
    /// `}`
    #[token("}")]
    RightBrace,
    /// `,`
    #[token(",")]
    Comma,
    /// `:`
    #[token(":")]
    Colon,
    /// `;`
    #[token(";")]
    Semicolon,
    /// `...`
    #[token("...")]
    Ellipsis,
    /// `.`
    #[token(".")]
    Dot,
    /// `?`
    #[token("?")]
    Question,
    /// `|`
    #[token("|")]
    Pipe,
    /// `=>`
    #[token("=>")]
    FatArrow,
    /// `==`
    #[token("==")]
    Equal,
    /// `=`
    #[token("=")]
    Assign,
    /// `->`
    #[token("->")]
    Arrow,
    /// `!=`
    #[token("!=")]
    NotEqual,
    /// `<=`
    #[token("<=")]
    LessOrEqual,
    /// `<`
    #[token("<")]
    Less,
    /// `>=`
    #[token(">=")]
    GreaterOrEqual,
    /// `>`
    #[token(">")]
    Greater,
    /// `+`
    #[token("+")]
    Plus,
    /// `-`
    #[token("-")]
    Minus,
    /// `*`
    #[token("*")]
    Star,
    /// `/`
    #[token("/")]
    Slash,
    /// What is no token of the language; reported by the lexer.
    Error,
    /// `and`, reserved
    And,
    /// `or`, reserved
    Or,
    /// `not`, reserved
    Not,
    /// `in`, reserved
    In,
    /// `has`, reserved
    Has,
    /// `if`, reserved
    If,
    /// `then`, reserved
    Then,
    /// `else`, reserved
    Else,
    /// `true`, reserved
    True,
    /// `false`, reserved
    False,
    /// `when`, reserved
    When,
    /// `unless`, reserved
    Unless,
    /// `tool`, reserved
    Tool,
    /// `after`
    After,
    /// `agent`
    Agent,
    /// `agents`
    Agents,
    /// `all`
    All,
    /// `any`
    Any,
    /// `approve`
    Approve,
    /// `at`
    At,
    /// `because`
    Because,
    /// `breaker`
    Breaker,
    /// `burst`
    Burst,
    /// `by`
    By,
    /// `call`
    Call,
    /// `case`
    Case,
    /// `clear`
    Clear,
    /// `closes`
    Closes,
    /// `confirmed`
    Confirmed,
    /// `const`
    Const,
    /// `contains`
    Contains,
    /// `credential`
    Credential,
    /// `data`
    Data,
    /// `detector`
    Detector,
    /// `ends`
    Ends,
    /// `escalate`
    Escalate,
    /// `expires`
    Expires,
    /// `fails`
    Fails,
    /// `field`
    Field,
    /// `finds`
    Finds,
    /// `fn`
    Fn,
    /// `for`
    For,
    /// `from`
    From,
    /// `given`
    Given,
    /// `halt`
    Halt,
    /// `include`
    Include,
    /// `input`
    Input,
    /// `labelled`
    Labelled,
    /// `layer`
    Layer,
    /// `least`
    Least,
    /// `like`
    Like,
    /// `limit`
    Limit,
    /// `map`
    Map,
    /// `mark`
    Mark,
    /// `matches`
    Matches,
    /// `matching`
    Matching,
    /// `model`
    Model,
    /// `near`
    Near,
    /// `of`
    Of,
    /// `on`
    On,
    /// `once`
    Once,
    /// `opens`
    Opens,
    /// `otherwise`
    Otherwise,
    /// `output`
    Output,
    /// `over`
    Over,
    /// `per`
    Per,
    /// `policy`
    Policy,
    /// `prohibit`
    Prohibit,
    /// `prove`
    Prove,
    /// `reads`
    Reads,
    /// `redact`
    Redact,
    /// `reject`
    Reject,
    /// `require`
    Require,
    /// `respond`
    Respond,
    /// `result`
    Result,
    /// `review`
    Review,
    /// `rollout`
    Rollout,
    /// `scope`
    Scope,
    /// `service`
    Service,
    /// `set`
    Set,
    /// `shadow`
    Shadow,
    /// `since`
    Since,
    /// `starts`
    Starts,
    /// `steps`
    Steps,
    /// `subject`
    Subject,
    /// `sum`
    Sum,
    /// `test`
    Test,
    /// `that`
    That,
    /// `timeout`
    Timeout,
    /// `to`
    To,
    /// `trust`
    Trust,
    /// `type`
    Type,
    /// `use`
    Use,
    /// `wait`
    Wait,
    /// `where`
    Where,
    /// `whole`
    Whole,
    /// `with`
    With,
    /// `within`
    Within,
    /// `writes`
    Writes,
    /// Says that the piece is a declaration; never in a file.
    StartItem,
    /// Says that the piece is what stands before a body; never in a file.
    StartHead,
    /// Says that the piece is a rule; never in a file.
    StartRule,
    /// Says that the piece is a line of a scope; never in a file.
    StartScopeLine,
    /// Says that the piece is a step of a test; never in a file.
    StartStep,
    /// Says that the piece is a claim of a proof; never in a file.
    StartClaim,
}

/// Why the lexer made no token; the place says the rest.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LexError;

/// Words that cannot be names.
pub const RESERVED: &[(&str, TokenKind)] = &[
    ("and", TokenKind::And),
    ("or", TokenKind::Or),
    ("not", TokenKind::Not),
    ("in", TokenKind::In),
    ("has", TokenKind::Has),
    ("if", TokenKind::If),
    ("then", TokenKind::Then),
    ("else", TokenKind::Else),
    ("true", TokenKind::True),
    ("false", TokenKind::False),
    ("when", TokenKind::When),
    ("unless", TokenKind::Unless),
    ("tool", TokenKind::Tool),
];

/// Words that are keywords in their place and names elsewhere.
pub const SOFT: &[(&str, TokenKind)] = &[
    ("after", TokenKind::After),
    ("agent", TokenKind::Agent),
    ("agents", TokenKind::Agents),
    ("all", TokenKind::All),
    ("any", TokenKind::Any),
    ("approve", TokenKind::Approve),
    ("at", TokenKind::At),
    ("because", TokenKind::Because),
    ("breaker", TokenKind::Breaker),
    ("burst", TokenKind::Burst),
    ("by", TokenKind::By),
    ("call", TokenKind::Call),
    ("case", TokenKind::Case),
    ("clear", TokenKind::Clear),
    ("closes", TokenKind::Closes),
    ("confirmed", TokenKind::Confirmed),
    ("const", TokenKind::Const),
    ("contains", TokenKind::Contains),
    ("credential", TokenKind::Credential),
    ("data", TokenKind::Data),
    ("detector", TokenKind::Detector),
    ("ends", TokenKind::Ends),
    ("escalate", TokenKind::Escalate),
    ("expires", TokenKind::Expires),
    ("fails", TokenKind::Fails),
    ("field", TokenKind::Field),
    ("finds", TokenKind::Finds),
    ("fn", TokenKind::Fn),
    ("for", TokenKind::For),
    ("from", TokenKind::From),
    ("given", TokenKind::Given),
    ("halt", TokenKind::Halt),
    ("include", TokenKind::Include),
    ("input", TokenKind::Input),
    ("labelled", TokenKind::Labelled),
    ("layer", TokenKind::Layer),
    ("least", TokenKind::Least),
    ("like", TokenKind::Like),
    ("limit", TokenKind::Limit),
    ("map", TokenKind::Map),
    ("mark", TokenKind::Mark),
    ("matches", TokenKind::Matches),
    ("matching", TokenKind::Matching),
    ("model", TokenKind::Model),
    ("near", TokenKind::Near),
    ("of", TokenKind::Of),
    ("on", TokenKind::On),
    ("once", TokenKind::Once),
    ("opens", TokenKind::Opens),
    ("otherwise", TokenKind::Otherwise),
    ("output", TokenKind::Output),
    ("over", TokenKind::Over),
    ("per", TokenKind::Per),
    ("policy", TokenKind::Policy),
    ("prohibit", TokenKind::Prohibit),
    ("prove", TokenKind::Prove),
    ("reads", TokenKind::Reads),
    ("redact", TokenKind::Redact),
    ("reject", TokenKind::Reject),
    ("require", TokenKind::Require),
    ("respond", TokenKind::Respond),
    ("result", TokenKind::Result),
    ("review", TokenKind::Review),
    ("rollout", TokenKind::Rollout),
    ("scope", TokenKind::Scope),
    ("service", TokenKind::Service),
    ("set", TokenKind::Set),
    ("shadow", TokenKind::Shadow),
    ("since", TokenKind::Since),
    ("starts", TokenKind::Starts),
    ("steps", TokenKind::Steps),
    ("subject", TokenKind::Subject),
    ("sum", TokenKind::Sum),
    ("test", TokenKind::Test),
    ("that", TokenKind::That),
    ("timeout", TokenKind::Timeout),
    ("to", TokenKind::To),
    ("trust", TokenKind::Trust),
    ("type", TokenKind::Type),
    ("use", TokenKind::Use),
    ("wait", TokenKind::Wait),
    ("where", TokenKind::Where),
    ("whole", TokenKind::Whole),
    ("with", TokenKind::With),
    ("within", TokenKind::Within),
    ("writes", TokenKind::Writes),
];

/// The keyword a word is; both tables are sorted or short, and this is asked once a word.
pub(crate) fn keyword(word: &str) -> Option<TokenKind> {
    let soft =
        SOFT.binary_search_by(|(known, _)| (*known).cmp(word)).ok().and_then(|i| SOFT.get(i));
    soft.or_else(|| RESERVED.iter().find(|(known, _)| *known == word)).map(|(_, kind)| *kind)
}

impl TokenKind {
    /// Whether the parser does not see it.
    pub fn is_trivia(self) -> bool {
        matches!(self, Self::Whitespace | Self::Comment | Self::DocComment)
    }

    /// Whether it can be a name.
    pub fn is_word(self) -> bool {
        self == Self::Ident || SOFT.iter().any(|(_, kind)| *kind == self)
    }
}
