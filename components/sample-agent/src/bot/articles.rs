//! The knowledge base and its retrieval: BM25 over title, keywords and text.

/// One article.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Article {
    /// Its key.
    pub id: &'static str,
    /// What customers call it, besides the words of the text.
    keywords: &'static str,
    /// The text, which is also the answer.
    pub text: &'static str,
}

/// All articles.
const ARTICLES: [Article; 9] = [
    Article {
        id: "returns",
        keywords: "return policy send back item unused product change mind",
        text: "You can return any item within 30 days of delivery, as long as it is unused and in its original packaging.",
    },
    Article {
        id: "refunds",
        keywords: "refund money back reimburse how long",
        text: "Refunds are issued within 5 business days to the original payment method.",
    },
    Article {
        id: "shipping",
        keywords: "shipping ship delivery deliver cost price fee free express standard fast long",
        text: "Standard shipping takes 3-5 business days and is free over $50. Express shipping takes 1-2 days and costs $12.",
    },
    Article {
        id: "warranty",
        keywords: "warranty guarantee broken defect covered repair",
        text: "All products come with a warranty of 2 years that covers manufacturing defects.",
    },
    Article {
        id: "hours",
        keywords: "opening hours open support available reach contact phone weekend when time",
        text: "Our support team is available Mon-Fri 9:00-18:00 CET.",
    },
    Article {
        id: "password",
        keywords: "password reset forgot login log sign account access locked",
        text: "To reset your password, use the \"Forgot password\" link on the sign-in page. The link we e-mail you is valid for 15 minutes.",
    },
    Article {
        id: "payment",
        keywords: "payment pay method methods accept credit card paypal visa mastercard",
        text: "We accept Visa, Mastercard and PayPal.",
    },
    Article {
        id: "gift-cards",
        keywords: "gift card cards voucher expire expiry refundable",
        text: "Gift cards never expire. They are not refundable.",
    },
    Article {
        id: "cancellation",
        keywords: "cancel cancellation order stop",
        text: "You can cancel an order before it ships, within 2 hours of placing it.",
    },
];

/// Words that tell nothing.
const STOP: [&str; 44] = [
    "a", "an", "and", "any", "are", "at", "be", "by", "can", "could", "do", "does", "for", "from",
    "have", "how", "i", "if", "in", "is", "it", "like", "long", "me", "my", "of", "on", "or",
    "our", "please", "tell", "that", "the", "there", "they", "this", "to", "we", "what", "which",
    "with", "would", "you", "your",
];

/// The words of a text: lower case, without stop words, plural and `-ing` cut off.
pub(super) fn words(text: &str) -> Vec<String> {
    text.to_lowercase()
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty() && !STOP.contains(word))
        .map(stem)
        .collect()
}

fn stem(word: &str) -> String {
    for suffix in ["ing", "es", "ed", "s"] {
        if let Some(stem) = word
            .strip_suffix(suffix)
            .filter(|stem| stem.chars().count() > 2)
        {
            return stem.trim_end_matches('e').to_owned();
        }
    }
    word.trim_end_matches('e').to_owned()
}

/// The articles that match, best first, with their scores. Weak matches are left out.
#[must_use]
pub fn retrieve(question: &str) -> Vec<(&'static Article, f64)> {
    const K1: f64 = 1.2;
    const B: f64 = 0.75;
    let query = words(question);
    let documents: Vec<Vec<String>> = ARTICLES
        .iter()
        .map(|a| {
            words(&format!(
                "{} {} {} {}",
                a.id, a.keywords, a.keywords, a.text
            ))
        })
        .collect();
    let count = documents.len() as f64;
    let average = documents.iter().map(Vec::len).sum::<usize>() as f64 / count;
    let mut found: Vec<(&'static Article, f64)> = ARTICLES
        .iter()
        .zip(&documents)
        .map(|(article, document)| {
            let score = query
                .iter()
                .map(|term| {
                    let frequency = document.iter().filter(|w| *w == term).count() as f64;
                    let holding = documents.iter().filter(|d| d.contains(term)).count() as f64;
                    let idf = (1.0 + (count - holding + 0.5) / (holding + 0.5)).ln();
                    let norm = 1.0 - B + B * document.len() as f64 / average;
                    idf * frequency * (K1 + 1.0) / (frequency + K1 * norm)
                })
                .sum();
            (article, score)
        })
        .filter(|(_, score)| *score > 1.0)
        .collect();
    found.sort_by(|a, b| b.1.total_cmp(&a.1));
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(question: &str, expected: &str) {
        let found = retrieve(question);
        let ids: Vec<_> = found
            .iter()
            .map(|(a, s)| format!("{} {s:.1}", a.id))
            .collect();
        assert!(
            found.first().is_some_and(|(a, _)| a.id == expected),
            "{question}: {ids:?}"
        );
    }

    #[test]
    fn the_right_article_comes_first() {
        check("What is your return policy?", "returns");
        check("Can I send back an unused item?", "returns");
        check("How many days do I have to return something?", "returns");
        check("How long do refunds take?", "refunds");
        check("When do I get my money back?", "refunds");
        check("How long does standard shipping take?", "shipping");
        check("How much is express delivery?", "shipping");
        check("Do you offer free shipping?", "shipping");
        check("How long is the warranty?", "warranty");
        check("Is my blender still under guarantee?", "warranty");
        check("What are your opening hours?", "hours");
        check("When can I reach support?", "hours");
        check("I forgot my password", "password");
        check("How do I reset my password?", "password");
        check("Which payment methods do you accept?", "payment");
        check("Can I pay with PayPal?", "payment");
        check("Do gift cards expire?", "gift-cards");
        check("Can I get a refund for a gift card?", "gift-cards");
        check("How do I cancel an order?", "cancellation");
    }

    #[test]
    fn other_questions_find_nothing() {
        for question in [
            "",
            "What is the capital of France?",
            "Tell me a joke",
            "你好",
            "??!",
        ] {
            assert!(retrieve(question).is_empty(), "{question}");
        }
    }
}
