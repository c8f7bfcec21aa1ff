// SPDX-License-Identifier: GPL-3.0-or-later
// What a connection keeps of statements that it has prepared, by their text: so many, of which the one that was not used
// for longest goes first. Texts that are long are made for once (lists of ids stand in them), and are never kept. Owned by
// the connection, one thread at a time.
#pragma once

#include <cstddef>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace cm::sql {

template <class Statement>
class KeptStatements {
public:
    static constexpr std::size_t most = 200;
    static constexpr std::size_t longestText = 4'000;

    [[nodiscard]] static bool isKept(std::string_view text) { return text.size() <= longestText; }
    // Null: it is not there. Until the next add() or clear().
    [[nodiscard]] Statement *find(std::string_view text)
    {
        const auto found = m_byText.find(text);
        if (found == m_byText.end())
            return nullptr;
        m_statements.splice(m_statements.begin(), m_statements, found->second);
        return &found->second->second;
    }
    [[nodiscard]] bool isFull() const { return m_statements.size() >= most; }
    // The one that was not used for longest, which is kept no more.
    std::optional<Statement> takeOldest()
    {
        if (m_statements.empty())
            return std::nullopt;
        std::optional<Statement> out(std::move(m_statements.back().second));
        m_byText.erase(m_statements.back().first);
        m_statements.pop_back();
        return out;
    }
    // A text that is not there, where it is not full.
    void add(std::string_view text, Statement statement)
    {
        m_statements.emplace_front(std::string(text), std::move(statement));
        m_byText.emplace(m_statements.front().first, m_statements.begin());
    }
    void clear()
    {
        m_byText.clear();
        m_statements.clear();
    }

private:
    using List = std::list<std::pair<std::string, Statement>>;
    List m_statements;  // those used last in front
    std::unordered_map<std::string_view, typename List::iterator> m_byText;
};

}  // namespace cm::sql
