// SPDX-License-Identifier: GPL-3.0-or-later
// A CDN's log as it comes in: listens for RELP, syslog over TCP, TLS and UDP, and puts what arrives into the spool. One
// thread with one event loop does all of it and waits for nothing: taking a line apart and copying it is a small part
// of what counting it costs, and what one sender says after another is compared without locks. When the spool has no
// room it stops reading: senders over TCP wait then, and what comes by UDP meanwhile is counted as lost.
//
// Owned by the composition root; the spool, clock and log outlive it, and the spool is stopped before it goes. start(), drain() and reloadTls() from any one
// other thread, figures() from any.
#pragma once

#include "core/metrics/intake/figures.h"
#include "core/metrics/intake/spool.h"

#include <memory>
#include <string>
#include <vector>

namespace cm::metrics::intake {

struct IntakeOptions {
    // "host:port"; empty: this transport is not listened for.
    std::string relp, tcp, tls, udp;
    // Of `tls`, PEM; with `clientCaFile` only senders with a certificate of one of these authorities are heard.
    std::string certificateFile, keyFile, clientCaFile;
    // When there are more, one that has brought no line yet gives way, the oldest of them.
    std::size_t maxConnections = 1000;
    std::size_t maxConnectionsOfAddress = 250;  // of a network of 64 bits where that is one of IPv6
    std::chrono::seconds idle{24 * 3600};
};

class Intake {
public:
    Intake(IntakeOptions options, Spool &spool, const Clock &clock, Log &log);
    // Ends what is left at once.
    ~Intake();
    Intake(const Intake &) = delete;
    Intake &operator=(const Intake &) = delete;

    // Binds and listens. InvalidInput for an address or certificate that cannot be used, Conflict for a port in use,
    // Forbidden for one that needs more rights; nothing runs after a failure.
    Result<void> start();
    // For new connections; on failure the old certificate stays.
    Result<void> reloadTls();
    // Takes nothing more from anybody: what has arrived over TCP and UDP is put into the spool, RELP is acknowledged as
    // far as it is on disk and told farewell. Returns when all connections are closed or the time is over.
    void drain(std::chrono::milliseconds limit);
    // A quarter of a second old at most.
    [[nodiscard]] std::shared_ptr<const IntakeFigures> figures() const;

private:
    class State;
    std::unique_ptr<State> m_state;
};

}  // namespace cm::metrics::intake
