// SPDX-License-Identifier: GPL-3.0-or-later
// Evidence for a decision: how often a kind of client downloaded in the window, with the interval that such a count
// leaves open, and who these were. Downloads of a client are not uses of a channel, and the card says so. GUI thread.
#pragma once

#include "core/api/downloads.h"
#include "ui/client/when_done.h"
#include "ui/widgets/card.h"

class QComboBox;
class QLabel;
class QLineEdit;

namespace cm::ui {

class AdminClient;
class ShareStrip;

class EvidenceCard : public Card {
    Q_OBJECT
public:
    explicit EvidenceCard(AdminClient &client, QWidget *parent = nullptr);

    // The window of the page; its own fields say of which clients.
    void ask(const QString &project, const QString &version, std::optional<Time> from, std::optional<Time> to);

private:
    void read();
    void show(const api::DownloadEvidence &evidence);

    AdminClient &m_client;
    api::EvidenceQuery m_query;
    bool m_asked = false;
    QComboBox *m_classes;
    QLineEdit *m_installer;
    QLabel *m_count;
    QLabel *m_interval;
    QLabel *m_meaning;
    ShareStrip *m_strip;
    LatestCall m_call;
};

}  // namespace cm::ui
