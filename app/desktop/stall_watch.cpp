// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/desktop/stall_watch.h"

#include <QCoreApplication>
#include <QEvent>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QSaveFile>

#include <algorithm>
#include <chrono>

namespace cm::ui {
namespace {

const QEvent::Type pingType = static_cast<QEvent::Type>(QEvent::registerEventType());

double quantile(const std::vector<double> &sorted, double part)
{
    if (sorted.empty())
        return 0;
    const auto rank = static_cast<std::size_t>(part * static_cast<double>(sorted.size() - 1));
    return sorted[rank];
}

}  // namespace

StallWatch::StallWatch(QString file, QObject *parent) : QObject(parent), m_file(std::move(file)) {}

StallWatch::~StallWatch()
{
    if (m_thread.joinable()) {
        m_thread.request_stop();
        m_thread.join();
    }
    write();
}

void StallWatch::start()
{
    if (m_thread.joinable())
        return;
    m_clock.start();
    m_gaps.reserve(200'000);
    m_thread = std::jthread([this](const std::stop_token &stop) {
        while (!stop.stop_requested()) {
            std::this_thread::sleep_for(std::chrono::milliseconds(1));  // the rate of sampling; nobody waits for it
            if (!m_waiting.exchange(true))
                ask();
        }
    });
}

void StallWatch::ask()
{
    m_asked = m_clock.nsecsElapsed();
    QCoreApplication::postEvent(this, new QEvent(pingType), Qt::HighEventPriority);
}

bool StallWatch::event(QEvent *event)
{
    if (event->type() != pingType)
        return QObject::event(event);
    const qint64 asked = m_asked;
    m_gaps.push_back({static_cast<double>(asked) / 1e6, static_cast<double>(m_clock.nsecsElapsed() - asked) / 1e6});
    m_waiting = false;
    return true;
}

void StallWatch::write() const
{
    std::vector<double> sorted;
    sorted.reserve(m_gaps.size());
    for (const Gap &gap : m_gaps)
        sorted.push_back(gap.milliseconds);
    std::sort(sorted.begin(), sorted.end());
    std::vector<Gap> longest(std::min<std::size_t>(20, m_gaps.size()));
    std::partial_sort_copy(m_gaps.begin(), m_gaps.end(), longest.begin(), longest.end(),
                           [](const Gap &a, const Gap &b) { return a.milliseconds > b.milliseconds; });
    QJsonArray gaps;
    for (const Gap &gap : longest)
        gaps.append(QJsonObject{{QStringLiteral("at_ms"), gap.at}, {QStringLiteral("ms"), gap.milliseconds}});
    const QJsonObject report{{QStringLiteral("samples"), static_cast<qint64>(sorted.size())},
                             {QStringLiteral("p50_ms"), quantile(sorted, 0.5)},
                             {QStringLiteral("p99_ms"), quantile(sorted, 0.99)},
                             {QStringLiteral("p999_ms"), quantile(sorted, 0.999)},
                             {QStringLiteral("max_ms"), sorted.empty() ? 0 : sorted.back()},
                             {QStringLiteral("longest"), gaps}};
    QSaveFile file(m_file);
    if (file.open(QIODevice::WriteOnly)) {
        file.write(QJsonDocument(report).toJson());
        file.commit();
    }
}

}  // namespace cm::ui
