// SPDX-License-Identifier: GPL-3.0-or-later
// The body of put-documentation: an archive as it arrives, and the receipt in JSON. Made per request; runs on the
// uploads executor, one call at a time. The caller's right to the endpoint has been checked, and is again where
// it is stored.
#pragma once

#include "core/server/services.h"

#include <memory>
#include <optional>
#include <string>

namespace cm::server {

class DocumentationPut final : public http::BodySink {
public:
    // `head` outlives the sink's last call (core/http).
    DocumentationPut(const Services &services, const Options &options, const http::RequestHead &head, std::string project,
                     std::string version);

    Result<void> write(std::span<const std::byte> bytes) override;
    http::Response finish() override;
    void abort() override { m_upload.reset(); }

private:
    Result<void> start();
    Result<std::string> receipt();
    [[nodiscard]] http::Response failed(const Error &error) const;

    const Services &m_services;
    const Options &m_options;
    const http::RequestHead &m_head;
    std::string m_project;
    std::string m_version;
    std::unique_ptr<registry::DocumentationUpload> m_upload;
    std::optional<Error> m_failure;
};

}  // namespace cm::server
