// SPDX-License-Identifier: GPL-3.0-or-later
// A service at Fastly, by its API: POST /service/ID/purge with the keys in a header.
#pragma once

#include "core/edge/purge_driver.h"
#include "core/http/client/http_client.h"

#include <filesystem>

namespace cm::edge {

struct FastlySettings {
    std::string service;
    std::string api = "https://api.fastly.com";
    std::string token;                // or, when empty,
    std::filesystem::path tokenFile;  // read for each call: a new one needs no restart
};

class FastlyDriver final : public PurgeDriver {
public:
    // InvalidInput for an address that is none.
    static Result<std::unique_ptr<PurgeDriver>> create(FastlySettings settings);

    [[nodiscard]] std::string_view kind() const override { return "fastly"; }
    [[nodiscard]] std::string name() const override { return m_settings.service; }
    [[nodiscard]] Limits limits() const override { return {256, 16'000}; }
    Result<void> purge(std::span<const std::string> keys, bool soft, const std::stop_token &stop) override;

private:
    FastlyDriver(FastlySettings settings, http::ClientOptions options, std::string target)
        : m_settings(std::move(settings)), m_client(std::move(options)), m_target(std::move(target))
    {}
    [[nodiscard]] Result<std::string> token() const;
    [[nodiscard]] Result<void> verdictOn(const http::ClientAnswer &answer) const;

    FastlySettings m_settings;
    http::HttpClient m_client;
    std::string m_target;
};

}  // namespace cm::edge
