// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/desktop/end_signals.h"

#include <QSocketNotifier>

#include <csignal>
#include <sys/signalfd.h>
#include <unistd.h>

namespace cm::desktop {

EndSignals::EndSignals(QObject *parent) : QObject(parent)
{
    sigset_t ours;
    sigemptyset(&ours);
    for (const int number : {SIGTERM, SIGINT, SIGHUP})
        sigaddset(&ours, number);
    pthread_sigmask(SIG_BLOCK, &ours, nullptr);
    m_descriptor = signalfd(-1, &ours, SFD_CLOEXEC | SFD_NONBLOCK);
}

EndSignals::~EndSignals()
{
    if (m_descriptor >= 0)
        ::close(m_descriptor);
}

void EndSignals::listen()
{
    auto *notifier = new QSocketNotifier(m_descriptor, QSocketNotifier::Read, this);
    connect(notifier, &QSocketNotifier::activated, this, [this] {
        signalfd_siginfo info{};
        if (::read(m_descriptor, &info, sizeof info) == static_cast<ssize_t>(sizeof info))
            Q_EMIT ended();
    });
}

}  // namespace cm::desktop
