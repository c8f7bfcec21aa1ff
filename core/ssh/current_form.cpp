// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/ssh/current_form.h"

#include "core/base/hash.h"

#include <fmt/core.h>

namespace cm::ssh {

namespace {

std::string_view trimmedText(std::string_view text)
{
    constexpr std::string_view blanks = " \t\r\n\v\f";
    const std::size_t first = text.find_first_not_of(blanks);
    return first == std::string_view::npos ? std::string_view() : text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

// As the registry cleans a form: trimmed, and what distutils writes for nothing is nothing.
std::string_view cleaned(std::string_view value)
{
    value = trimmedText(value);
    return value == "UNKNOWN" ? std::string_view() : value;
}

std::string_view valueOf(const OldRequest &request, std::string_view name)
{
    for (const auto &[key, value] : request.fields) {
        if (key == name)
            return cleaned(value);
    }
    return {};
}

std::string_view actionOf(const OldRequest &request)
{
    const std::string_view action = valueOf(request, ":action");
    return action.empty() ? std::string_view("file_upload") : action;
}

class Form {
public:
    Form() : m_boundary("cheesemonger-" + toHex(randomBytes(16))) {}

    void add(std::string_view name, std::string_view value)
    {
        m_text += fmt::format("--{}\r\nContent-Disposition: form-data; name=\"{}\"\r\n\r\n", m_boundary, name);
        m_text.append(value).append("\r\n");
    }
    void beginFile(std::string_view filename)
    {
        m_text += fmt::format("--{}\r\nContent-Disposition: form-data; name=\"content\"; filename=\"{}\"\r\n"
                              "Content-Type: application/octet-stream\r\n\r\n",
                              m_boundary, filename);
    }
    [[nodiscard]] std::string end(bool afterFile) const { return fmt::format("{}--{}--\r\n", afterFile ? "\r\n" : "", m_boundary); }
    [[nodiscard]] std::string contentType() const { return "multipart/form-data; boundary=" + m_boundary; }
    std::string take() { return std::move(m_text); }

private:
    std::string m_boundary;
    std::string m_text;
};

}  // namespace

Statement statementFor(const OldRequest &request)
{
    Statement statement;
    statement.action = actionOf(request);
    statement.project = valueOf(request, "name");
    statement.version = valueOf(request, "version");
    statement.filename = request.filename;
    statement.sha256 = request.sha256;
    return statement;
}

http::ClientRequest currentForm(const OldRequest &request)
{
    const std::string_view action = actionOf(request);
    const bool upload = action == "file_upload";
    std::string_view protocol = valueOf(request, "protocol_version");
    if (protocol.empty())
        protocol = valueOf(request, "protcol_version");
    const bool sdist = valueOf(request, "filetype") == "sdist";
    Form form;
    form.add(":action", action);
    if (upload)
        form.add("protocol_version", protocol.empty() ? "1" : protocol);
    for (const auto &[name, value] : request.fields) {
        if (name == ":action" || name == "protocol_version" || name == "protcol_version" || (name == "pyversion" && sdist))
            continue;
        form.add(name, name == "name" || name == "version" ? cleaned(value) : std::string_view(value));
    }
    if (upload && sdist)
        form.add("pyversion", valueOf(request, "pyversion").empty() ? "source" : valueOf(request, "pyversion"));
    if (upload && request.hasFile && valueOf(request, "sha256_digest").empty())
        form.add("sha256_digest", request.sha256);
    http::ClientRequest out;
    out.method = "POST";
    out.target = "/legacy/";
    out.headers.push_back({"Content-Type", form.contentType()});
    if (!request.hasFile) {
        out.body = form.take() + form.end(false);
        return out;
    }
    form.beginFile(request.filename);
    out.body = form.take();
    out.file = http::BodyFile{request.file->fd(), request.file->size()};
    out.bodyEnd = form.end(true);
    return out;
}

}  // namespace cm::ssh
