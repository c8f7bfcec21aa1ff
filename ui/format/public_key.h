// SPDX-License-Identifier: GPL-3.0-or-later
// A line of a .pub file looked at before it is sent: what kind of key it is, its fingerprint as ssh-keygen -l prints
// it, and why it cannot be one. A private key is told apart, so that it never leaves the machine. Pure functions over
// text that somebody pasted or dropped, GUI thread.
#pragma once

#include <QString>

namespace cm::ui {

struct PublicKey {
    enum class State {
        Nothing,     // nothing was typed
        Private,     // a private key, or a part of one
        NoKey,       // no line of a .pub file
        OldKind,     // a kind that nobody takes any more
        SeveralKeys, // more than one line
        Ready,
    };
    State state = State::Nothing;
    // The line alone, without blanks around it.
    QString line;
    // As OpenSSH names it: "ssh-ed25519".
    QString type;
    // "SHA256:…"
    QString fingerprint;
    QString comment;
    // Of an RSA key's modulus; 0: of another kind, or not knowable.
    int bits = 0;

    static PublicKey of(const QString &text);
    // What is wrong with it, in a sentence; empty where nothing is.
    [[nodiscard]] QString problem() const;
    [[nodiscard]] bool isRsa() const { return type == QLatin1String("ssh-rsa"); }
};

// "ssh-rsa" as people say it: "RSA 3072".
QString keyKindWords(const QString &type, int bits);
// What a key of RSA asks of the client that holds it.
QString rsaWords();

}  // namespace cm::ui
