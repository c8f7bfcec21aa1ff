// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/probes/upload_canary.h"

#include "core/http/credentials.h"
#include "core/pypi/filenames.h"

namespace cm::monitor {
namespace {

constexpr std::string_view boundary = "cheesemonger-monitor-canary-5f0c2b";

void addPart(std::string &form, std::string_view headers, std::string_view content)
{
    form.append("--").append(boundary).append("\r\nContent-Disposition: form-data; name=").append(headers).append("\r\n\r\n").append(content).append("\r\n");
}

}  // namespace

UploadCanary::UploadCanary(const std::string &file, std::string token) : m_file(file), m_token(std::move(token)), m_head(headOf(file)) {}

std::string UploadCanary::headOf(const std::string &file)
{
    constexpr std::string_view folder = "/packages/";
    const std::size_t slash = file.rfind('/');
    if (!file.starts_with(folder) || slash <= folder.size())
        return {};
    std::string blake2 = file.substr(folder.size(), slash - folder.size());
    std::erase(blake2, '/');
    const std::string filename = file.substr(slash + 1);
    const auto type = pypi::packageTypeOfFile(filename);
    std::string name, version, pyversion = "source";
    if (const auto wheel = pypi::parseWheelName(filename)) {
        name = wheel->name;
        version = wheel->version;
        pyversion = wheel->pyversion();
    } else if (const auto sdist = pypi::parseSdistName(filename)) {
        name = sdist->name;
        version = sdist->version;
    }
    if (!type || name.empty())
        return {};
    std::string head;
    addPart(head, "\":action\"", "file_upload");
    addPart(head, "\"protocol_version\"", "1");
    addPart(head, "\"metadata_version\"", "2.1");
    addPart(head, "\"name\"", name);
    addPart(head, "\"version\"", version);
    addPart(head, "\"filetype\"", pypi::packageTypeName(*type));
    addPart(head, "\"pyversion\"", pyversion);
    addPart(head, "\"blake2_256_digest\"", blake2);
    return head;
}

std::optional<Result<http::ClientAnswer>> UploadCanary::send(http::HttpClient &client, const std::stop_token &stop)
{
    if (m_head.empty())
        return std::nullopt;
    if (m_body.empty()) {
        const auto file = client.send({"GET", m_file, {}, {}}, stop);
        if (!file || file->status != 200)
            return std::nullopt;
        m_body = m_head;
        addPart(m_body, "\"content\"; filename=\"" + m_file.substr(m_file.rfind('/') + 1) + "\"\r\nContent-Type: application/octet-stream", file->body);
        m_body.append("--").append(boundary).append("--\r\n");
    }
    return client.send({"POST", "/legacy/",
                        {{"Authorization", http::basicAuthorization("__token__", m_token)},
                         {"Content-Type", "multipart/form-data; boundary=" + std::string(boundary)}}, m_body}, stop);
}

}  // namespace cm::monitor
