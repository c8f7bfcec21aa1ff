// SPDX-License-Identifier: GPL-3.0-or-later
// One upload on its way in: fields and the file's bytes in the order in which they come, digested
// and staged as they come. Made by Publisher, owned by the connection, one thread at a time; calls
// block on the disk. Destroying it unfinished discards what was staged. Errors are ours (Unavailable:
// disk full, Internal); what the client did wrong is a refusal.
#pragma once

#include "core/blobs/staged_blob.h"
#include "core/catalog/deprecations.h"
#include "core/checks/refusal.h"
#include "core/registry/identity.h"

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>

namespace cm::registry {

class Publisher;

struct Receipt {
    std::optional<checks::Refusal> refusal;  // none: answer 200
    bool repeated = false;                   // the very file was there already, nothing changed
    std::string project;                     // display name, as are the next two set on success
    std::string version;
    std::string filename;
    catalog::Serial serial = 0;
};

class UploadSession {
public:
    ~UploadSession();
    UploadSession(const UploadSession &) = delete;
    UploadSession &operator=(const UploadSession &) = delete;

    // A field as sent; in any order, also after the file.
    void addField(std::string name, std::string value);
    // A file part in a field that is none.
    void addUnexpectedFile(std::string name);
    // The part "content" begins; `contentType` empty: the client sent none.
    Result<void> beginFile(std::string filename, std::string contentType);
    Result<void> append(std::span<const std::byte> bytes);

    // Set as soon as the outcome is certain (no right, too large): the rest of the body need not be
    // given to append(), only drained.
    [[nodiscard]] const std::optional<checks::Refusal> &refused() const;
    // What has come turns out to be no distribution: its bytes for somebody else, null when there are none. The
    // session is of no use afterwards.
    std::unique_ptr<blobs::StagedBlob> takeFile();
    // Written by the transaction that stores the file, so that neither is ever without the other.
    void noteUse(catalog::UseRow use);
    // Judges, stores and answers when everything is durable. Once.
    Result<Receipt> finish();

private:
    friend class Publisher;
    struct State;
    explicit UploadSession(std::unique_ptr<State> state);

    std::unique_ptr<State> m_state;
};

}  // namespace cm::registry
