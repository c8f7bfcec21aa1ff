// SPDX-License-Identifier: GPL-3.0-or-later
// Indirect use: downloads of the client that the channel needs, by class with the interval that each count leaves open,
// mirrors apart. Downloads of a client are no uses of the channel, and the card says so. GUI thread.
#pragma once

#include "core/api/deprecations.h"
#include "core/api/downloads.h"
#include "ui/client/when_done.h"
#include "ui/widgets/card.h"

#include <array>

class QComboBox;
class QLabel;

namespace cm::ui {

class AdminClient;
class CountBars;

class IndirectCard : public Card {
    Q_OBJECT
public:
    explicit IndirectCard(AdminClient &client, QWidget *parent = nullptr);

    void ask(const api::DeprecationTerms &terms, Time now);

private:
    static constexpr std::size_t asked = 4;

    void read();
    void draw();

    AdminClient &m_client;
    QString m_project;
    Time m_now{};
    std::array<std::optional<Result<api::DownloadEvidence>>, asked> m_answers;
    std::array<LatestCall, asked> m_calls;
    QComboBox *m_days;
    CountBars *m_bars;
    QLabel *m_words;
};

}  // namespace cm::ui
