// SPDX-License-Identifier: GPL-3.0-or-later
// One legacy upload (registry.md 1.4): the form as it arrives, handed field by field and block by
// block to the registry's session, and the answer in the protocol's own words; documentation (1.8) comes by
// the same form. Made per request; runs on the uploads executor, one call at a time. Nothing of the file is
// kept in memory.
#pragma once

#include "core/http/application.h"
#include "core/http/multipart.h"
#include "core/server/form_budget.h"
#include "core/server/services.h"
#include "core/server/use_judge.h"

#include <memory>
#include <optional>
#include <string>

namespace cm::server {

class LegacyUpload final : public http::BodySink, private http::MultipartHandler {
public:
    // `head` outlives the sink's last call (core/http).
    LegacyUpload(const Services &services, const Options &options, FormBudget &budget, const http::RequestHead &head);
    ~LegacyUpload() override;

    // Judges the head alone, before the body: a refusal, or nothing and the body is welcome. As a sink is
    // called: on the executor, before its first call.
    std::optional<http::Reply> admit();

    Result<void> write(std::span<const std::byte> bytes) override;
    http::Response finish() override;
    void abort() override;

private:
    enum class Part { Field, File, UnexpectedFile };

    Result<void> partBegin(const http::PartHead &part) override;
    Result<void> partData(std::span<const std::byte> bytes) override;
    Result<void> partEnd() override;

    void start();
    Result<void> holdFieldBytes(std::size_t bytes);
    Result<void> endField();
    Result<void> startDocumentation();
    http::Response settleDocumentation();
    [[nodiscard]] const std::optional<checks::Refusal> &refused() const;
    // Whether it is refused for being a use of what retires, by what is known of it.
    bool refusedAsUse();
    // What was staged and collected is let go.
    void release();
    // Stops the reading; finish() sends it.
    tl::unexpected<Error> refuse(int status, std::string_view text);
    http::Response settle();
    http::Response answer(int status, std::string_view text) const;
    // A refusal that holds for a while only.
    http::Response later(int status, const Error &error) const;
    http::Response failed(const Error &error) const;

    const Services &m_services;
    const Options &m_options;
    FormBudget &m_budget;
    const http::RequestHead &m_head;
    UseJudge m_use;
    bool m_remembered = false;  // as a use, by the transaction that stored the file
    bool m_started = false;
    std::optional<http::MultipartReader> m_reader;
    registry::Identification m_caller;
    std::unique_ptr<registry::UploadSession> m_session;
    std::unique_ptr<registry::DocumentationUpload> m_docs;  // what comes is documentation
    std::string m_name;
    std::string m_version;
    std::string m_fileName;
    std::optional<checks::Refusal> m_refusal;
    std::optional<Error> m_failure;
    std::string m_who;
    Part m_part = Part::Field;
    std::string m_fieldName;
    std::string m_fieldValue;
    std::size_t m_fieldBytes = 0;
    std::size_t m_taken = 0;  // of the budget
};

}  // namespace cm::server
