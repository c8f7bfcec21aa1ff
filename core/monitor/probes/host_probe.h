// SPDX-License-Identifier: GPL-3.0-or-later
// Facts of a host: disks and certificate files on the monitor's own machine. The same of other machines
// come from an agent there, behind the same interface. Any thread; may block as long as the file system.
#pragma once

#include "core/http/client/http_client.h"
#include "core/monitor/probes/probe.h"

#include <memory>

namespace cm::monitor {

class HostFacts {
public:
    virtual ~HostFacts() = default;
    virtual Result<DiskFacts> disk(const std::string &path, const ProbeTime &time) = 0;
    virtual Result<CertificateFacts> certificate(const std::string &file, const ProbeTime &time) = 0;
};

class LocalHost final : public HostFacts {
public:
    Result<DiskFacts> disk(const std::string &path, const ProbeTime &time) override;
    Result<CertificateFacts> certificate(const std::string &file, const ProbeTime &time) override;
};

class DiskProbe final : public Probe<DiskFacts> {
public:
    DiskProbe(std::shared_ptr<HostFacts> host, std::string path) : m_host(std::move(host)), m_path(std::move(path)) {}
    Result<DiskFacts> look(const ProbeTime &time) override { return m_host->disk(m_path, time); }

private:
    std::shared_ptr<HostFacts> m_host;
    std::string m_path;
};

// What is presented at host:port, what lies in the file, or both.
struct CertificateTarget {
    std::string host;
    std::uint16_t port = 0;  // 0: not presented anywhere
    std::string serverName;
    std::string file;  // empty: not looked at
};

class CertificateProbe final : public Probe<CertificatePair> {
public:
    CertificateProbe(std::shared_ptr<HostFacts> host, CertificateTarget target)
        : m_host(std::move(host)), m_target(std::move(target))
    {}
    Result<CertificatePair> look(const ProbeTime &time) override;

private:
    std::shared_ptr<HostFacts> m_host;
    CertificateTarget m_target;
};

}  // namespace cm::monitor
