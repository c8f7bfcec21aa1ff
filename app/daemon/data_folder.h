// SPDX-License-Identifier: GPL-3.0-or-later
// The layout of a data folder and the lock by which one `serve` at a time owns it; `admin` works on
// the same folder without the lock: the database keeps the two apart. And the lock of the folder of
// packages, which the nodes of a registry share. Values; one thread.
#pragma once

#include "core/base/result.h"

#include <filesystem>
#include <string>

namespace cm::daemon {

class DataFolder {
public:
    // Makes the folder (0700) when it is missing and `create`; NotFound otherwise. Unavailable with the
    // reason when it cannot be used.
    static Result<DataFolder> open(const std::filesystem::path &folder, bool create);

    [[nodiscard]] const std::filesystem::path &path() const { return m_folder; }
    [[nodiscard]] std::string database() const { return (m_folder / "catalog.sqlite").string(); }
    [[nodiscard]] std::string blobs() const { return (m_folder / "files").string(); }
    [[nodiscard]] std::filesystem::path key() const { return m_folder / "node.key"; }
    [[nodiscard]] std::string cache() const { return (m_folder / "cache").string(); }
    // How far each cache in front has been told.
    [[nodiscard]] std::filesystem::path edges() const { return m_folder / "edges"; }
    // Since when uses are held that the database has not.
    [[nodiscard]] std::filesystem::path heldUses() const { return m_folder / "uses.held"; }
    // Lines that wait to be counted.
    [[nodiscard]] std::filesystem::path spool() const { return m_folder / "spool"; }
    [[nodiscard]] std::filesystem::path lockFile() const { return m_folder / "serve.lock"; }

private:
    explicit DataFolder(std::filesystem::path folder) : m_folder(std::move(folder)) {}

    std::filesystem::path m_folder;
};

// Held as long as it lives; the kernel lets go of it when the process ends, however it ends.
class FileLock {
public:
    explicit FileLock(int fd) : m_fd(fd) {}
    ~FileLock();
    FileLock(FileLock &&other) noexcept;
    FileLock &operator=(FileLock &&) = delete;

protected:
    int m_fd;
};

class ServeLock : public FileLock {
public:
    // Conflict, naming the process that holds it. The file names this process as long as it holds the lock, and
    // after it has ended without a farewell.
    static Result<ServeLock> take(const DataFolder &folder);
    ~ServeLock();
    ServeLock(ServeLock &&) noexcept = default;

private:
    using FileLock::FileLock;
};

// One run of a mirror at a time, whoever starts it.
class MirrorLock : public FileLock {
public:
    // Conflict while another run is on its way.
    static Result<MirrorLock> take(const std::filesystem::path &folder);

private:
    using FileLock::FileLock;
};

// One process that refreshes a mirror again and again: the one that signals and mirror.pid mean. Runs of others come between its own.
class MirrorDaemonLock : public FileLock {
public:
    // Conflict while another one does.
    static Result<MirrorDaemonLock> take(const std::filesystem::path &folder);

private:
    using FileLock::FileLock;
};

// One ingester for each spool.
class SpoolLock : public FileLock {
public:
    // Makes the folder. Conflict while another one uses it.
    static Result<SpoolLock> take(const std::filesystem::path &folder);

private:
    using FileLock::FileLock;
};

// Of the counts in the folder's own database.
class CountsLock : public FileLock {
public:
    // As everybody does who adds to them. Conflict while somebody owns them.
    static Result<CountsLock> share(const DataFolder &folder);
    // Conflict while anybody adds to them.
    static Result<CountsLock> own(const DataFolder &folder);

private:
    using FileLock::FileLock;
};

class FilesLock : public FileLock {
public:
    // As every `serve` does. Conflict while somebody owns the folder.
    static Result<FilesLock> share(const std::filesystem::path &files);
    // Conflict while a `serve` of any node uses the folder.
    static Result<FilesLock> own(const std::filesystem::path &files);

private:
    using FileLock::FileLock;
};

}  // namespace cm::daemon
