// SPDX-License-Identifier: GPL-3.0-or-later
// A language for testing: every translatable text accented, about 40 % longer and in brackets, so
// that a text without brackets is one that nobody can translate, and one that is cut lacks the last
// bracket. Placeholders, mnemonics, markup and entities stay as they are. Installed like any other
// translator; GUI thread.
#pragma once

#include <QTranslator>

namespace cm::ui {

// The locale name under which it stands in the settings: no real language has it.
inline constexpr QLatin1StringView pseudoLocale{"en_XA"};

class PseudoTranslator final : public QTranslator {
    Q_OBJECT
public:
    using QTranslator::QTranslator;
    [[nodiscard]] QString translate(const char *context, const char *source, const char *disambiguation,
                                    int n) const override;
    [[nodiscard]] bool isEmpty() const override { return false; }

    static QString pseudo(const QString &source);
};

}  // namespace cm::ui
