// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/probes/upload_canary.h"

#include "core/http/credentials.h"

#include <algorithm>

namespace cm::monitor {
namespace {

constexpr std::string_view boundary = "cheesemonger-monitor-canary-5f0c2b";

struct Package {
    std::string name, version, filetype, pyversion, blake2;
};

// By its name (PEP 427, PEP 625) and the digest in its path.
std::optional<Package> packageAt(const std::string &path)
{
    const std::size_t slash = path.rfind('/');
    const std::string file = path.substr(slash == std::string::npos ? 0 : slash + 1);
    Package package;
    constexpr std::string_view folder = "/packages/";
    if (path.starts_with(folder) && slash > folder.size()) {
        package.blake2 = path.substr(folder.size(), slash - folder.size());
        std::erase(package.blake2, '/');
    }
    const std::size_t name = file.find('-');
    if (file.ends_with(".whl") && name != std::string::npos) {
        const std::size_t version = file.find('-', name + 1);
        const std::size_t tags = version == std::string::npos ? version : file.find('-', version + 1);
        if (tags == std::string::npos)
            return std::nullopt;
        package.name = file.substr(0, name);
        package.version = file.substr(name + 1, version - name - 1);
        package.pyversion = file.substr(version + 1, tags - version - 1);
        package.filetype = "bdist_wheel";
        return package;
    }
    for (const std::string_view suffix : {".tar.gz", ".zip"}) {
        const std::size_t last = file.rfind('-');
        if (!file.ends_with(suffix) || last == std::string::npos || last + 1 + suffix.size() >= file.size())
            continue;
        package.name = file.substr(0, last);
        package.version = file.substr(last + 1, file.size() - last - 1 - suffix.size());
        package.pyversion = "source";
        package.filetype = "sdist";
        return package;
    }
    return std::nullopt;
}

}  // namespace

std::string UploadCanary::bodyAround(std::string_view bytes) const
{
    const auto package = packageAt(m_file);
    if (!package)
        return {};
    std::string body;
    const auto part = [&body](std::string_view headers, std::string_view content) {
        body.append("--").append(boundary).append("\r\nContent-Disposition: form-data; name=").append(headers).append("\r\n\r\n").append(content).append("\r\n");
    };
    part("\":action\"", "file_upload");
    part("\"protocol_version\"", "1");
    part("\"metadata_version\"", "2.1");
    part("\"name\"", package->name);
    part("\"version\"", package->version);
    part("\"filetype\"", package->filetype);
    part("\"pyversion\"", package->pyversion);
    part("\"blake2_256_digest\"", package->blake2);
    part("\"content\"; filename=\"" + m_file.substr(m_file.rfind('/') + 1) + "\"\r\nContent-Type: application/octet-stream", bytes);
    return body.append("--").append(boundary).append("--\r\n");
}

std::optional<Result<http::ClientAnswer>> UploadCanary::send(http::HttpClient &client, const std::stop_token &stop)
{
    if (m_body.empty()) {
        const auto file = client.send({"GET", m_file, {}, {}}, stop);
        if (!file || file->status != 200)
            return std::nullopt;
        m_body = bodyAround(file->body);
        if (m_body.empty())
            return std::nullopt;
    }
    return client.send({"POST", "/legacy/",
                        {{"Authorization", http::basicAuthorization("__token__", m_token)},
                         {"Content-Type", "multipart/form-data; boundary=" + std::string(boundary)}}, m_body}, stop);
}

}  // namespace cm::monitor
