// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/probes/host_probe.h"

#include "core/host/disk.h"

#include <algorithm>

namespace cm::monitor {
namespace {

CertificateFacts factsOf(const http::Certificate &certificate)
{
    return {certificate.serial,    certificate.subject,  certificate.issuer,     certificate.names,
            certificate.notBefore, certificate.notAfter, certificate.fingerprint};
}

}  // namespace

Result<DiskFacts> LocalHost::disk(const std::string &path, const ProbeTime &)
{
    CM_TRY_ASSIGN(const host::Disk disk, host::diskAt(path));
    return DiskFacts{disk.total, disk.available, disk.inodes, disk.inodesAvailable, disk.readOnly};
}

Result<CertificateFacts> LocalHost::certificate(const std::string &file, const ProbeTime &)
{
    CM_TRY_ASSIGN(const http::Certificate certificate, http::readCertificate(file));
    return factsOf(certificate);
}

Result<CertificatePair> CertificateProbe::look(const ProbeTime &time)
{
    CertificatePair pair;
    if (m_target.port != 0) {
        http::ClientOptions options;
        options.host = m_target.host;
        options.port = m_target.port;
        options.tls = true;
        options.serverName = m_target.serverName;
        options.connectTimeout = std::max(time.left(), std::chrono::milliseconds(1));
        http::HttpClient client(options);
        const auto connected = client.connect(time.stop);
        if (!connected && connected.error().code == ErrorCode::Cancelled)
            return fail(connected.error());
        if (client.certificate())
            pair.presented = factsOf(*client.certificate());
        else
            pair.presentedProblem = connected ? "it presents none" : connected.error().detail;
    }
    if (!m_target.file.empty() && m_host) {
        auto onDisk = m_host->certificate(m_target.file, time);
        if (onDisk)
            pair.onDisk = std::move(*onDisk);
        else if (onDisk.error().code != ErrorCode::Cancelled)  // its agent is silent, which is told of the agent
            pair.diskProblem = onDisk.error().detail;
    }
    return pair;
}

}  // namespace cm::monitor
