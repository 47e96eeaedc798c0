//! Phrases by which a simulated user gives itself away, in English and Vietnamese.
//!
//! They are compared as words, so that case, apostrophes and punctuation do not matter. Each is long enough that a customer has
//! no reason to say it; words that may well be a conversation's own matter stand apart.

use crate::text::words;
use std::sync::LazyLock;

/// Phrases, as words once they are asked for.
pub(crate) struct Phrases(LazyLock<Vec<Vec<String>>>);

impl Phrases {
    /// Each phrase as [`words`].
    pub(crate) fn words(&self) -> &[Vec<String>] {
        &self.0
    }
}

/// Phrases, each with the words behind it.
pub(crate) struct Pairs(LazyLock<Vec<(Vec<String>, Vec<String>)>>);

impl Pairs {
    /// Each phrase as [`words`], and the words behind it.
    pub(crate) fn words(&self) -> &[(Vec<String>, Vec<String>)] {
        &self.0
    }
}

fn all(phrases: &[&str]) -> Vec<Vec<String>> {
    phrases.iter().map(|phrase| words(phrase)).collect()
}

fn pairs(phrases: &[(&str, &str)]) -> Vec<(Vec<String>, Vec<String>)> {
    let pair = |(phrase, behind): &(&str, &str)| (words(phrase), words(behind));
    phrases.iter().map(pair).collect()
}

/// Never said by a person who talks to an assistant.
pub(crate) static CONFESSIONS: Phrases = Phrases(LazyLock::new(|| {
    all(&[
        "as a language model",
        "as a large language model",
        "as a simulated",
        "i am a language model",
        "i'm a language model",
        "i am a large language model",
        "i'm a large language model",
        "i am simulated",
        "i'm simulated",
        "i am a simulated",
        "i'm a simulated",
        "i am being simulated",
        "i'm being simulated",
        "i am a simulation",
        "i'm a simulation",
        "i am simulating",
        "i'm simulating",
        "i am a persona",
        "i'm a persona",
        "i am not a real person",
        "i'm not a real person",
        "i am not a real user",
        "i'm not a real user",
        "i am not a real customer",
        "i'm not a real customer",
        "i am playing the role",
        "i'm playing the role",
        "i am playing a role",
        "i'm playing a role",
        "i am playing a customer",
        "i'm playing a customer",
        "i am playing a user",
        "i'm playing a user",
        "i am role playing",
        "i'm role playing",
        "i am roleplaying",
        "i'm roleplaying",
        "i am pretending to be",
        "i'm pretending to be",
        "i am supposed to play",
        "i'm supposed to play",
        "i am instructed",
        "i'm instructed",
        "i was told to play",
        "i was told to pretend",
        "i was given instructions",
        "according to my instructions",
        "my instructions are",
        "my instructions say",
        "my instructions tell",
        "my goal is",
        "my objective is",
        "my persona",
        "my system prompt",
        "simulated user",
        "simulated customer",
        "simulated person",
        "user simulator",
        "test persona",
        "stay in character",
        "staying in character",
        "break character",
        "breaking character",
        "the conversation begins",
        "write your first message",
        "write your next message",
        "tôi là mô hình ngôn ngữ",
        "tôi là một mô hình ngôn ngữ",
        "tôi là một ai",
        "tôi là trí tuệ nhân tạo",
        "tôi là một trí tuệ nhân tạo",
        "tôi đang đóng vai",
        "mình đang đóng vai",
        "em đang đóng vai",
        "tôi được yêu cầu đóng vai",
        "tôi được mô phỏng",
        "tôi đang mô phỏng",
        "người dùng mô phỏng",
        "người dùng giả lập",
        "khách hàng mô phỏng",
        "khách hàng giả lập",
        "tôi không phải người thật",
        "tôi không phải là người thật",
        "tôi chỉ đang giả vờ",
        "theo chỉ dẫn của tôi",
        "theo hướng dẫn của tôi",
        "theo kịch bản",
        "kịch bản của tôi",
        "tôi được chỉ dẫn",
        "mục tiêu của tôi là",
        "mục tiêu của mình là",
        "nhiệm vụ của tôi là",
        "vai của tôi là",
        "lời nhắc hệ thống",
    ])
}));

/// A phrase that gives a user away unless the words behind it are those of the scenario's author: a persona may be
/// `an AI researcher`.
pub(crate) static UNLESS_WRITTEN: Pairs = Pairs(LazyLock::new(|| {
    pairs(&[
        ("i am an ai", "an ai"),
        ("i'm an ai", "an ai"),
        ("as an ai", "an ai"),
        ("i am a chatbot", "a chatbot"),
        ("i'm a chatbot", "a chatbot"),
    ])
}));

/// A phrase that gives a user away unless the words behind it came up before, in the scenario or in the conversation.
pub(crate) static UNLESS_SPOKEN_OF: Pairs = Pairs(LazyLock::new(|| {
    pairs(&[
        ("language model", "language model"),
        ("system prompt", "system prompt"),
        ("my prompt", "prompt"),
        ("my instructions", "instructions"),
        ("persona", "persona"),
        ("simulated", "simulated"),
        ("simulating", "simulating"),
        ("simulation", "simulation"),
        ("role play", "role play"),
        ("roleplay", "roleplay"),
        ("in character", "in character"),
        ("mô hình ngôn ngữ", "mô hình ngôn ngữ"),
        ("nhập vai", "nhập vai"),
        ("mô phỏng", "mô phỏng"),
    ])
}));

/// What assistants say and those whom they help do not.
pub(crate) static ASSISTANT: Phrases = Phrases(LazyLock::new(|| {
    all(&[
        "how can i help you",
        "how can i assist",
        "how can i be of assistance",
        "how can i be of help",
        "how can i help today",
        "how may i help",
        "how may i assist",
        "how might i assist",
        "what can i help you with",
        "what can i do for you",
        "what can i assist",
        "is there anything else i can help",
        "is there anything else i can assist",
        "is there anything else i can do for you",
        "anything else i can help you with",
        "anything else i can assist",
        "i am here to help",
        "i'm here to help",
        "i am here to assist",
        "i'm here to assist",
        "i would be happy to help you",
        "i'd be happy to help you",
        "i will be happy to help you",
        "i'll be happy to help you",
        "i am happy to assist",
        "i'm happy to assist",
        "i'd be happy to assist",
        "i would be happy to assist",
        "i'd be glad to assist",
        "let me know if you have any other questions",
        "let me know if you have any further questions",
        "let me know if you need anything else",
        "feel free to ask",
        "thank you for contacting us",
        "thanks for contacting us",
        "apologize for the inconvenience",
        "apologise for the inconvenience",
        "tôi có thể giúp gì cho bạn",
        "mình có thể giúp gì cho bạn",
        "tôi có thể giúp gì cho quý khách",
        "tôi có thể hỗ trợ gì",
        "mình có thể hỗ trợ gì",
        "tôi có thể giúp gì được cho bạn",
        "tôi có thể giúp được gì cho bạn",
        "bạn cần tôi giúp gì",
        "bạn cần hỗ trợ gì",
        "quý khách cần hỗ trợ",
        "rất vui được hỗ trợ bạn",
        "rất hân hạnh được hỗ trợ",
        "sẵn sàng hỗ trợ bạn",
        "sẵn sàng giúp bạn",
        "cảm ơn bạn đã liên hệ",
        "cảm ơn quý khách đã liên hệ",
        "xin lỗi vì sự bất tiện",
    ])
}));

/// Names before a line that only a written dialogue has.
pub(crate) static OTHER_SPEAKERS: Phrases = Phrases(LazyLock::new(|| {
    all(&[
        "assistant",
        "agent",
        "ai",
        "ai assistant",
        "bot",
        "chatbot",
        "support agent",
        "trợ lý",
        "trợ lý ảo",
    ])
}));

/// Names of the user before a line other than the first, where a name is taken away.
pub(crate) static USER_SPEAKERS: Phrases = Phrases(LazyLock::new(|| {
    all(&["user", "me", "human", "you", "persona", "người dùng"])
}));

/// Names before a line with what the model thinks.
pub(crate) static THOUGHTS: Phrases = Phrases(LazyLock::new(|| {
    all(&[
        "thought",
        "thoughts",
        "thinking",
        "reasoning",
        "inner thought",
        "internal monologue",
        "suy nghĩ",
    ])
}));

/// First words of a stage direction in brackets or between asterisks.
pub(crate) static STAGE: Phrases = Phrases(LazyLock::new(|| {
    all(&[
        "sigh",
        "sighs",
        "sighing",
        "pause",
        "pauses",
        "pausing",
        "laughs",
        "laughing",
        "chuckles",
        "smiles",
        "smiling",
        "frowns",
        "frowning",
        "shrugs",
        "shrugging",
        "nods",
        "nodding",
        "hesitates",
        "hesitating",
        "grumbles",
        "mutters",
        "whispers",
        "groans",
        "scoffs",
        "clears throat",
        "clears my throat",
        "rolls eyes",
        "rolls my eyes",
        "shakes head",
        "shakes my head",
        "angrily",
        "impatiently",
        "sarcastically",
        "nervously",
        "end of conversation",
        "ends the conversation",
        "conversation ends",
        "thở dài",
        "cười",
        "mỉm cười",
        "im lặng",
        "gật đầu",
        "lắc đầu",
        "nhíu mày",
        "cau mày",
        "nhún vai",
        "ngập ngừng",
        "bực bội",
        "tức giận",
        "kết thúc cuộc trò chuyện",
    ])
}));

/// The same, where only asterisks stand around them: in brackets they may be a remark.
pub(crate) static STAGE_BETWEEN_ASTERISKS: Phrases = Phrases(LazyLock::new(|| {
    all(&[
        "looks", "looking", "waits", "waiting", "thinks", "thinking", "types", "typing", "takes",
        "leans", "crosses", "raises", "stares", "glances", "checks", "scrolls", "hangs up", "taps",
        "yells", "shouts",
    ])
}));

/// Words that carry no fact.
pub(crate) const EMPTY_WORDS: &[&str] = &[
    "a", "an", "the", "i", "im", "ive", "my", "me", "mine", "you", "your", "youre", "youve", "we",
    "our", "he", "she", "his", "her", "it", "its", "they", "their", "this", "that", "these",
    "those", "is", "are", "was", "were", "be", "been", "am", "has", "have", "had", "do", "does",
    "did", "not", "no", "and", "or", "but", "of", "to", "in", "on", "at", "by", "for", "from",
    "with", "as", "so", "very", "already", "will", "would", "can", "could", "should", "there",
    "who", "what", "when", "which", "than", "then", "tôi", "mình", "bạn", "anh", "chị", "em", "là",
    "của", "và", "đã", "đang", "sẽ", "có", "không", "cho", "với", "một", "này", "kia", "đó",
    "được", "bị", "thì", "mà", "ở", "trong", "vì", "nên", "rất", "cũng", "các", "những", "người",
    "cái",
];
