// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/probes/host_probe.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fmt/format.h>
#include <sys/statvfs.h>

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
    struct statvfs facts {};
    if (::statvfs(path.c_str(), &facts) != 0)
        return fail(errno == ENOENT ? ErrorCode::NotFound : ErrorCode::Internal,
                    fmt::format("{}: {}", path, std::strerror(errno)));
    const auto unit = static_cast<double>(facts.f_frsize);
    return DiskFacts{static_cast<double>(facts.f_blocks) * unit, static_cast<double>(facts.f_bavail) * unit,
                     static_cast<double>(facts.f_files), static_cast<double>(facts.f_favail),
                     (facts.f_flag & ST_RDONLY) != 0};
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
        else
            pair.diskProblem = onDisk.error().detail;
    }
    return pair;
}

}  // namespace cm::monitor
