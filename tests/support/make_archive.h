// SPDX-License-Identifier: GPL-3.0-or-later
// Wheels and sdists made by a test, honest and crooked ones, and a folder that is gone afterwards.
// Zips are written record by record, so that a test can bend each field; tars come from a plain ustar
// writer packed with zlib.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace cm::test {

class TempFolder {
public:
    TempFolder();
    ~TempFolder();
    TempFolder(const TempFolder &) = delete;
    TempFolder &operator=(const TempFolder &) = delete;
    [[nodiscard]] const std::filesystem::path &path() const { return m_path; }
    // Writes the bytes; the path of the file.
    std::filesystem::path write(std::string_view name, std::string_view bytes) const;

private:
    std::filesystem::path m_path;
};

struct ZipMember {
    std::string name;
    std::string content;
    bool deflate = true;
    // Bent fields: what differs from the truth.
    std::string localName{};  // empty: as name
    std::uint16_t flags = 0;
    std::uint16_t method = 0xffff;   // 0xffff: as deflate says
    std::int64_t declaredSize = -1;  // in both records
    std::int64_t centralSize = -1;   // in the directory alone
    std::string localExtra{};
    std::string comment{};
    bool inDirectory = true;
    bool damaged = false;  // one byte of the data flipped
};

struct ZipShape {
    std::string before{};  // bytes before the first record
    std::string after{};   // bytes behind the end record
    std::string comment{};
    int extraRecords = 0;  // added to the number of records told
    int offsetShift = 0;   // added to the directory's offset told
};

[[nodiscard]] std::string makeZip(const std::vector<ZipMember> &members, const ZipShape &shape = {});

struct TarEntry {
    std::string name;
    std::string content{};
    char type = '0';  // '0' file, '1' hard link, '2' symbolic link, '3' device, '5' directory
    std::string link{};
};

[[nodiscard]] std::string makeTar(const std::vector<TarEntry> &entries);
[[nodiscard]] std::string gzip(std::string_view bytes);
[[nodiscard]] std::string makeTarGz(const std::vector<TarEntry> &entries);

// "Metadata-Version: 2.1 …" for a project.
[[nodiscard]] std::string metadataText(std::string_view name, std::string_view version, std::string_view more = {});
// A whole, correct wheel or sdist; `name` is spelled as in its file name.
[[nodiscard]] std::string makeWheel(std::string_view name, std::string_view version,
                                    std::string_view moreMetadata = {});
[[nodiscard]] std::string makeSdist(std::string_view name, std::string_view version,
                                    std::string_view moreMetadata = {});

// The wheels that Debian's packages bring, such as pip's; empty when none are installed.
[[nodiscard]] std::vector<std::filesystem::path> systemWheels();

}  // namespace cm::test
