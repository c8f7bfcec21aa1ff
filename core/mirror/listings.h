// SPDX-License-Identifier: GPL-3.0-or-later
// The two lists that an upstream has: the root index of all projects (PEP 691, with serials), read as it arrives
// because it may be 40 MB long, and the journal of a Cheesemonger. Values, one thread at a time.
#pragma once

#include "core/mirror/xmlrpc.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace cm::mirror {

// All projects in two blocks of text: 886,000 of them take some 60 MB.
class ProjectList {
public:
    struct Entry {
        std::string_view name;     // normalised
        std::string_view display;
        std::int64_t serial = 0;
    };

    // False for what is no name of a project.
    bool add(std::string_view display, std::int64_t serial);
    // By normalised name; of several with one name the highest serial stays.
    void sort();
    [[nodiscard]] std::size_t size() const { return m_entries.size(); }
    [[nodiscard]] Entry at(std::size_t index) const;

    std::int64_t serial = 0;  // of the registry, as meta says
    std::string leftOut;      // what of it nobody can mirror, in words; empty: nothing

private:
    struct Stored {
        std::uint32_t name = 0, display = 0;
        std::uint16_t nameLength = 0, displayLength = 0;
        std::int64_t serial = 0;
    };
    std::string m_text;
    std::vector<Stored> m_entries;
};

class IndexReader {
public:
    IndexReader();
    ~IndexReader();
    IndexReader(const IndexReader &) = delete;
    IndexReader &operator=(const IndexReader &) = delete;

    // Corrupt; Unsupported where no project has a serial, for then nobody can tell what changed. Without those that have none or no
    // name (ProjectList::leftOut).
    Result<void> write(std::string_view piece);
    Result<ProjectList> finish();

private:
    struct State;
    std::unique_ptr<State> m_state;
};

// What GET /journal/ of a Cheesemonger answers (core/server/journal_page.h).
struct JournalPage {
    std::string identity;
    std::int64_t serial = 0;
    std::int64_t through = 0;
    std::vector<JournalRow> rows;
};
// The identity in the status.json of a copy (core/mirror/status.h); empty for what is none.
[[nodiscard]] std::string readOrigin(std::string_view json);
// Corrupt.
[[nodiscard]] Result<JournalPage> readJournal(std::string_view json);

}  // namespace cm::mirror
