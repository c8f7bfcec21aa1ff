// SPDX-License-Identifier: GPL-3.0-or-later
// While a monitor is silent: what this desktop sees of its nodes itself, from the topology that the monitor told
// last. Web nodes and the registry are asked for their health, others merely for a connection; what lies behind
// it stays unknown. A few at once, each with a deadline, nothing while the monitor speaks. Owned by the
// composition root, GUI thread, which never waits.
#pragma once

#include "core/api/monitoring.h"
#include "core/base/clock.h"
#include "ui/client/trust.h"
#include "ui/client/when_done.h"

#include <QElapsedTimer>
#include <QObject>
#include <QTimer>
#include <QUrl>

#include <memory>
#include <optional>
#include <vector>

class QNetworkAccessManager;

namespace cm::ui {

class AdminClient;
class Connection;

enum class DirectOutcome {
    NotYet,            // no look has ended
    Answers,           // its health is well
    Untrusted,         // likewise, by a certificate that is not trusted here: `detail`
    AnswersWrong,      // `detail`: "503 Service Unavailable"
    TakesConnections,  // nothing more is known
    Refuses,
    NoAnswer,  // within the deadline
    NoWay,     // no such name, no route: `detail`
    CannotLook,
};

// One node, or the registry by its own address, as seen from here.
struct DirectLook {
    std::string name;
    std::string role;
    DirectOutcome outcome = DirectOutcome::NotYet;
    std::string detail;
    // In a row.
    std::int64_t failures = 0;
    std::optional<Time> looked;
    friend bool operator==(const DirectLook &, const DirectLook &) = default;
    BOOST_DESCRIBE_CLASS(DirectLook, (), (name, role, outcome, detail, failures, looked), (), ())
};

struct DirectReport {
    // The registry's own address; absent where there is none.
    std::optional<DirectLook> registry;
    // In the topology's order.
    std::vector<DirectLook> nodes;
    friend bool operator==(const DirectReport &, const DirectReport &) = default;
    BOOST_DESCRIBE_CLASS(DirectReport, (), (registry, nodes), (), ())
};

class DirectProbe : public QObject {
    Q_OBJECT
public:
    struct Pace {
        std::chrono::milliseconds between{3000};
        std::chrono::milliseconds deadline{2000};
        int atOnce = 5;
    };
    // One failed look is no verdict.
    static constexpr std::int64_t enough = 2;

    DirectProbe(const Connection &registry, const Connection &monitor, AdminClient &monitorClient, const Clock &clock);
    DirectProbe(const Connection &registry, const Connection &monitor, AdminClient &monitorClient, const Clock &clock, Pace pace);
    ~DirectProbe() override;

    // Whoever reads the topology anyhow hands it on; it is read here, too, when the monitor begins to speak.
    void setTopology(const api::Topology &topology);
    // The monitor is connected and tells nothing new.
    void setMonitorOld(bool old);
    [[nodiscard]] bool isLooking() const { return m_looking; }
    [[nodiscard]] const DirectReport &report() const { return m_report; }
    // Null for a node that is not known.
    [[nodiscard]] const DirectLook *lookAt(const std::string &node) const;
    // The registry does not answer: by its own address, or by none of its web nodes, looked at often enough.
    [[nodiscard]] bool isRegistryAway() const;
    // Somebody at the other end said something, so this desktop's own network works.
    [[nodiscard]] bool hasReachedAnybody() const;
    [[nodiscard]] std::chrono::milliseconds deadline() const { return m_pace.deadline; }

    // For recorded data, with a pace of none at once: as if it had looked.
    void force(DirectReport report);

    static bool isFailure(DirectOutcome outcome);

Q_SIGNALS:
    // A look ended, or looking began or ended.
    void changed();

private:
    // Where and how to look; `look`: the place in the report, -1 the registry.
    struct Target {
        int look = -1;
        // http or https: health; empty scheme: a connection.
        QUrl url;
        QString verifyAs;
        qint64 due = 0;
        bool busy = false;
    };

    void follow();
    void readTopology();
    void begin();
    void end();
    void addTarget(int look, const QUrl &url, const QString &verifyAs = {});
    void step();
    void lookAtHealth(std::size_t target);
    void lookForConnection(std::size_t target);
    // Whatever is under way is void.
    void abandon();
    void ended(std::size_t target, DirectOutcome outcome, const QString &detail = {});
    [[nodiscard]] DirectLook &lookOf(const Target &target);
    QNetworkAccessManager &manager();

    const Connection &m_registry;
    const Connection &m_monitor;
    AdminClient &m_client;
    const Clock &m_clock;
    Pace m_pace;
    QNetworkAccessManager *m_manager = nullptr;
    // Of the registry and of the monitor: a node may have its certificate from either.
    Authorities m_authorities;
    // Owns the looks under way; a new one voids them.
    std::unique_ptr<QObject> m_round;
    std::optional<api::Topology> m_topology;
    DirectReport m_report;
    std::vector<Target> m_targets;
    LatestCall m_topologyCall;
    QTimer m_step;
    QTimer m_tell;
    QElapsedTimer m_clockwork;
    int m_underWay = 0;
    bool m_old = false;
    bool m_looking = false;
};

}  // namespace cm::ui

template <>
struct cm::api::EnumNames<cm::ui::DirectOutcome> {
    static constexpr std::array values{std::pair{cm::ui::DirectOutcome::NotYet, std::string_view("not-yet")},
                                       std::pair{cm::ui::DirectOutcome::Answers, std::string_view("answers")},
                                       std::pair{cm::ui::DirectOutcome::Untrusted, std::string_view("untrusted")},
                                       std::pair{cm::ui::DirectOutcome::AnswersWrong, std::string_view("answers-wrong")},
                                       std::pair{cm::ui::DirectOutcome::TakesConnections, std::string_view("takes-connections")},
                                       std::pair{cm::ui::DirectOutcome::Refuses, std::string_view("refuses")},
                                       std::pair{cm::ui::DirectOutcome::NoAnswer, std::string_view("no-answer")},
                                       std::pair{cm::ui::DirectOutcome::NoWay, std::string_view("no-way")},
                                       std::pair{cm::ui::DirectOutcome::CannotLook, std::string_view("cannot-look")}};
};
