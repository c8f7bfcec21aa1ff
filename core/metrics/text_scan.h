// SPDX-License-Identifier: GPL-3.0-or-later
// A place in a text and what may stand there, for grammars of single words: blanks and digits are those of Unicode,
// as Python's expressions have them. Views into the text. One thread.
#pragma once

#include <string_view>

namespace cm::metrics {

class TextScan {
public:
    explicit TextScan(std::string_view text) : m_text(text) {}

    [[nodiscard]] std::string_view rest() const { return m_text.substr(m_at); }
    [[nodiscard]] bool atEnd() const { return m_at == m_text.size(); }
    bool literal(std::string_view text)
    {
        if (!rest().starts_with(text))
            return false;
        m_at += text.size();
        return true;
    }
    // The longest run of characters that are no blanks; false when it is empty.
    bool word(std::string_view &out);
    // The longest run of blanks.
    std::string_view blanks();
    // A digit, a dot, a digit; with `many`, digits, a dot, digits.
    bool dottedDigits(std::string_view &out, bool many);
    // " " and at least one character up to the end, or the end: a tail that nobody reads.
    [[nodiscard]] bool tail() const { return atEnd() || (rest().size() > 1 && rest()[0] == ' '); }

private:
    [[nodiscard]] std::size_t digitsFrom(std::size_t at, bool many) const;

    std::string_view m_text;
    std::size_t m_at = 0;
};

// Splits "name/version" at the last "/" that leaves both; with `versionless` the version may be empty.
bool splitAtSlash(std::string_view word, std::string_view &name, std::string_view &version, bool versionless = false);
// Whether there is a blank of Unicode in `text`.
[[nodiscard]] bool hasBlank(std::string_view text);
// Whether `text` begins with `letters` (lower case, ASCII) whatever the case, those letters included that Unicode
// folds to ASCII. Answers the bytes that were taken, 0 when it does not.
[[nodiscard]] std::size_t foldedPrefix(std::string_view text, std::string_view letters);

}  // namespace cm::metrics
