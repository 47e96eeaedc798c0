//! Porter's stemmer in the form of NLTK, by which `rouge-score` stems.
//!
//! Porter, "An algorithm for suffix stripping", 1980, with NLTK's extensions: a list of irregular words, words of four letters on
//! `ies` and `ied`, `y` after a consonant only, `alli` first, `bli`, `fulli` and `logi`. No published crate has this form.

use std::borrow::Cow;

/// Irregular words and their stems.
const IRREGULAR: [(&str, &str); 16] = [
    ("sky", "sky"),
    ("skies", "sky"),
    ("dying", "die"),
    ("lying", "lie"),
    ("tying", "tie"),
    ("news", "news"),
    ("innings", "inning"),
    ("inning", "inning"),
    ("outings", "outing"),
    ("outing", "outing"),
    ("cannings", "canning"),
    ("canning", "canning"),
    ("howe", "howe"),
    ("proceed", "proceed"),
    ("exceed", "exceed"),
    ("succeed", "succeed"),
];

/// The stem of `word`, which is of lower-case letters and digits.
#[must_use]
pub fn stem(word: &str) -> Cow<'_, str> {
    if word.len() <= 2 || !word.is_ascii() {
        return Cow::Borrowed(word);
    }
    if let Some((_, stem)) = IRREGULAR.iter().find(|(irregular, _)| *irregular == word) {
        return Cow::Borrowed(stem);
    }
    let mut stem = Stem(word.to_owned());
    stem.plurals();
    stem.past_and_gerund();
    stem.final_y();
    stem.double_suffixes();
    stem.apply(&THIRD, 0);
    stem.fourth();
    stem.final_e();
    stem.final_l();
    Cow::Owned(stem.0)
}

/// Suffixes of step 2 and what takes their place when the stem has a vowel before a consonant.
const SECOND: [(&str, &str); 21] = [
    ("ational", "ate"),
    ("tional", "tion"),
    ("enci", "ence"),
    ("anci", "ance"),
    ("izer", "ize"),
    ("bli", "ble"),
    ("alli", "al"),
    ("entli", "ent"),
    ("eli", "e"),
    ("ousli", "ous"),
    ("ization", "ize"),
    ("ation", "ate"),
    ("ator", "ate"),
    ("alism", "al"),
    ("iveness", "ive"),
    ("fulness", "ful"),
    ("ousness", "ous"),
    ("aliti", "al"),
    ("iviti", "ive"),
    ("biliti", "ble"),
    ("fulli", "ful"),
];

const THIRD: [(&str, &str); 7] = [
    ("icate", "ic"),
    ("ative", ""),
    ("alize", "al"),
    ("iciti", "ic"),
    ("ical", "ic"),
    ("ful", ""),
    ("ness", ""),
];

const FOURTH: [&str; 19] = [
    "al", "ance", "ence", "er", "ic", "able", "ible", "ant", "ement", "ment", "ent", "ion", "ou",
    "ism", "ate", "iti", "ous", "ive", "ize",
];

/// A word on the way to its stem.
struct Stem(String);

impl Stem {
    /// What is left without `suffix`, when the word ends so.
    fn without(&self, suffix: &str) -> Option<&str> {
        self.0.strip_suffix(suffix)
    }

    /// Puts `ending` in the place of what comes after the first `kept` bytes.
    fn end(&mut self, kept: usize, ending: &str) {
        self.0.truncate(kept);
        self.0.push_str(ending);
    }

    /// The first rule whose suffix the word has decides; it changes the word when the measure of the rest is above `least`.
    fn apply(&mut self, rules: &[(&str, &str)], least: usize) -> bool {
        for (suffix, ending) in rules {
            if let Some(rest) = self.without(suffix) {
                if measure(rest) > least {
                    let kept = rest.len();
                    self.end(kept, ending);
                }
                return true;
            }
        }
        false
    }

    /// Step 1a.
    fn plurals(&mut self) {
        let len = self.0.len();
        if self.0.ends_with("ies") {
            self.0.truncate(if len == 4 { len - 1 } else { len - 2 });
        } else if self.0.ends_with("sses") {
            self.0.truncate(len - 2);
        } else if self.0.ends_with('s') && !self.0.ends_with("ss") {
            self.0.truncate(len - 1);
        }
    }

    /// Step 1b.
    fn past_and_gerund(&mut self) {
        let len = self.0.len();
        if self.0.ends_with("ied") {
            self.0.truncate(if len == 4 { len - 1 } else { len - 2 });
            return;
        }
        if let Some(rest) = self.without("eed") {
            if measure(rest) > 0 {
                self.0.truncate(len - 1);
            }
            return;
        }
        let Some(rest) = self.without("ed").or_else(|| self.without("ing")) else {
            return;
        };
        if consonants(rest).all(|consonant| consonant) {
            return;
        }
        let kept = rest.len();
        self.0.truncate(kept);
        if self.0.ends_with("at") || self.0.ends_with("bl") || self.0.ends_with("iz") {
            self.0.push('e');
        } else if ends_double(&self.0) {
            if !self.0.ends_with(['l', 's', 'z']) {
                self.0.truncate(kept - 1);
            }
        } else if measure(&self.0) == 1 && ends_short(&self.0) {
            self.0.push('e');
        }
    }

    /// Step 1c.
    fn final_y(&mut self) {
        if let Some(rest) = self.without("y")
            && rest.len() > 1
            && consonants(rest).last() == Some(true)
        {
            let kept = rest.len();
            self.end(kept, "i");
        }
    }

    /// Step 2.
    fn double_suffixes(&mut self) {
        // A word that lost `li` is looked at again; each time it is shorter.
        while let Some(rest) = self.without("alli")
            && measure(rest) > 0
        {
            let kept = rest.len();
            self.end(kept, "al");
        }
        if !self.apply(&SECOND, 0)
            && self.without("logi").is_some()
            && self.without("ogi").is_some_and(|rest| measure(rest) > 0)
        {
            self.0.pop();
        }
    }

    /// Step 4.
    fn fourth(&mut self) {
        let found = FOURTH
            .iter()
            .find_map(|suffix| Some((*suffix, self.without(suffix)?)));
        if let Some((suffix, rest)) = found
            && measure(rest) > 1
            && (suffix != "ion" || rest.ends_with(['s', 't']))
        {
            let kept = rest.len();
            self.0.truncate(kept);
        }
    }

    /// Step 5a.
    fn final_e(&mut self) {
        if let Some(rest) = self.without("e") {
            let m = measure(rest);
            if m > 1 || m == 1 && !ends_short(rest) {
                self.0.pop();
            }
        }
    }

    /// Step 5b.
    fn final_l(&mut self) {
        if let Some(rest) = self.without("ll")
            && self
                .0
                .get(..rest.len() + 1)
                .is_some_and(|rest| measure(rest) > 1)
        {
            self.0.pop();
        }
    }
}

/// Whether each letter is a consonant: a `y` is one unless it comes after one.
fn consonants(word: &str) -> impl Iterator<Item = bool> {
    let mut before = false;
    word.bytes().map(move |letter| {
        before = match letter {
            b'a' | b'e' | b'i' | b'o' | b'u' => false,
            b'y' => !before,
            _ => true,
        };
        before
    })
}

/// How often a consonant follows a vowel.
fn measure(word: &str) -> usize {
    let mut after_vowel = false;
    let mut count = 0;
    for consonant in consonants(word) {
        if consonant && after_vowel {
            count += 1;
        }
        after_vowel = !consonant;
    }
    count
}

/// Whether `word` ends with a consonant twice.
fn ends_double(word: &str) -> bool {
    let mut letters = word.bytes().rev();
    let (last, before) = (letters.next(), letters.next());
    last.is_some() && last == before && consonants(word).last() == Some(true)
}

/// Whether `word` ends with consonant, vowel, consonant, the last one not w, x or y; or is a vowel and a consonant.
fn ends_short(word: &str) -> bool {
    let kinds: Vec<bool> = consonants(word).collect();
    match kinds.as_slice() {
        [false, true] => true,
        [.., true, false, true] => !word.ends_with(['w', 'x', 'y']),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Recorded from NLTK 3.10.4, `PorterStemmer()`.
    #[test]
    fn stems_as_nltk() {
        let pairs = "\
            caresses:caress flies:fli dies:die mules:mule denied:deni died:die agreed:agre owned:own humbled:humbl \
            sized:size meeting:meet stating:state siezing:siez itemization:item sensational:sensat traditional:tradit reference:refer \
            colonizer:colon plotted:plot running:run runs:run runner:runner ran:ran generally:gener analogously:analog \
            archaeology:archaeolog theology:theolog geology:geolog radically:radic hopefully:hope relational:relat conditional:condit \
            rational:ration valenci:valenc hesitanci:hesit digitizer:digit conformably:conform vileness:vile decisiveness:decis \
            formality:formal sensitivity:sensit sensibility:sensibl triplicate:triplic formative:form electrical:electr goodness:good \
            revival:reviv allowance:allow inference:infer airliner:airlin gyroscopic:gyroscop adjustable:adjust defensible:defens \
            irritant:irrit replacement:replac adjustment:adjust dependent:depend adoption:adopt communism:commun activate:activ \
            angularity:angular effective:effect bowdlerize:bowdler probate:probat rate:rate cease:ceas controlling:control \
            rolling:roll skies:sky sky:sky dying:die innings:inning news:news proceed:proceed enjoy:enjoy enjoyment:enjoy spy:spi \
            spied:spi tying:tie feed:feed bled:bled sing:sing hopping:hop falling:fall hissing:hiss fizzed:fizz filing:file \
            failing:fail happy:happi tries:tri yyyy:yyyi syzygy:syzygi toy:toy by:by a1b2s:a1b2 2019:2019 university:univers \
            universe:univers possibly:possibl oscillate:oscil eye:eye ied:i being:be";
        for pair in pairs.split_whitespace() {
            let (word, expected) = pair.split_once(':').unwrap();
            assert_eq!(stem(word), expected, "{word}");
        }
    }

    #[test]
    fn long_runs_take_linear_time() {
        let word = "y".repeat(100_000) + "alli";
        assert!(stem(&word).len() <= word.len());
        assert_eq!(stem("éé"), "éé");
    }
}
