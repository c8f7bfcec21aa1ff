// SPDX-License-Identifier: GPL-3.0-or-later
// A file in the staging folder. Owned by whoever stages, one thread at a time; unlinked on
// destruction unless it was moved to its place.
#pragma once

#include "core/blobs/staged_blob.h"

#include <memory>
#include <optional>
#include <sys/types.h>

namespace cm::blobs {

class PosixStagedBlob final : public StagedBlob {
public:
    // Never where `folder` lies on the device `below`.
    static Result<std::unique_ptr<PosixStagedBlob>> create(const std::string &folder, std::optional<dev_t> below = {});
    ~PosixStagedBlob() override;

    Result<void> append(std::span<const std::byte> bytes) override;
    [[nodiscard]] std::uint64_t size() const override { return m_size; }
    [[nodiscard]] const std::string &localPath() const override { return m_path; }

    // Writes the bytes out and waits for them, without the cost of a journal commit: whatever makes
    // a later rename durable then finds them there.
    Result<void> writeOut();
    [[nodiscard]] int fd() const { return m_fd; }
    // Whether a file of the same size holds the same bytes.
    [[nodiscard]] Result<bool> equals(int fd) const;
    // Never over a file: EEXIST then. ENOENT when the folder of `target` is missing, 0 when it was moved.
    [[nodiscard]] int moveTo(const std::string &target);
    // Over whatever file lies at `target`, and only after these bytes are on disk.
    Result<void> replace(const std::string &target);

private:
    PosixStagedBlob(int fd, std::string path) : m_fd(fd), m_path(std::move(path)) {}

    int m_fd;
    std::string m_path;
    std::uint64_t m_size = 0;
    std::uint64_t m_pushed = 0;  // handed to the disk early
    bool m_failed = false;
    bool m_moved = false;
};

}  // namespace cm::blobs
