// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/sql/postgres/pqxx_facade.h"

#include <algorithm>
#include <charconv>
#include <pqxx/pqxx>

namespace cm::sql::pg {

namespace {

#if PQXX_VERSION_MAJOR < 7
// This version reconnects by itself, in the middle of a transaction as well: never let it.
void stayWithOneSession(pqxx::connection &connection)
{
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
    connection.inhibit_reactivation(true);
#pragma GCC diagnostic pop
}

pqxx::result askPrepared(pqxx::nontransaction &work, const std::string &name, const Link::Params &params)
{
    return work.exec_prepared(name, pqxx::prepare::make_dynamic_params(params));
}

pqxx::result askWith(pqxx::nontransaction &work, const std::string &sql, const Link::Params &params)
{
    return work.exec_params(sql, pqxx::prepare::make_dynamic_params(params));
}
#else
void stayWithOneSession(pqxx::connection &) {}

pqxx::params paramsOf(const Link::Params &params)
{
    pqxx::params out;
    out.reserve(params.size());
    for (const char *param : params) {
        if (param)
            out.append(std::string(param));
        else
            out.append();
    }
    return out;
}

pqxx::result askPrepared(pqxx::nontransaction &work, const std::string &name, const Link::Params &params)
{
    return work.exec(pqxx::prepped{name}, paramsOf(params));
}

pqxx::result askWith(pqxx::nontransaction &work, const std::string &sql, const Link::Params &params)
{
    return work.exec(sql, paramsOf(params));
}
#endif

std::string oneLine(std::string text)
{
    std::replace(text.begin(), text.end(), '\n', ' ');
    while (text.ends_with(' '))
        text.pop_back();
    return text;
}

// Calls `ask`; whatever it throws ends here.
template <class Ask>
auto guarded(const pqxx::connection *connection, Ask &&ask) -> Outcome<decltype(ask())>
{
    const auto broken = [connection] { return connection == nullptr || !connection->is_open(); };
    try {
        if constexpr (std::is_void_v<decltype(ask())>) {
            ask();
            return {};
        } else {
            return ask();
        }
    } catch (const pqxx::broken_connection &error) {
        return tl::unexpected(Failure{{}, oneLine(error.what()), true});
    } catch (const pqxx::deadlock_detected &error) {  // an sql_error from 7 on alone, as the next two
        return tl::unexpected(Failure{"40P01", oneLine(error.what()), broken()});
    } catch (const pqxx::statement_completion_unknown &error) {
        return tl::unexpected(Failure{"40003", oneLine(error.what()), broken()});
    } catch (const pqxx::transaction_rollback &error) {
        return tl::unexpected(Failure{"40001", oneLine(error.what()), broken()});
    } catch (const pqxx::sql_error &error) {
        return tl::unexpected(Failure{error.sqlstate(), oneLine(error.what()), broken()});
    } catch (const std::exception &error) {
        return tl::unexpected(Failure{{}, oneLine(error.what()), broken()});
    }
}

}  // namespace

struct Rows::Data {
    pqxx::result result;
};

struct Link::Session {
    explicit Session(const std::string &url) : connection(url) { stayWithOneSession(connection); }

    template <class Ask>
    Outcome<Rows> ask(Ask &&question)
    {
        return guarded(&connection, [&] {
            // BEGIN and COMMIT are ours: to libpqxx all of it happens outside a transaction.
            pqxx::nontransaction work(connection);
            return Rows(std::make_unique<Rows::Data>(Rows::Data{question(work)}));
        });
    }

    pqxx::connection connection;
};

Rows::Rows() = default;
Rows::Rows(std::unique_ptr<Data> data) : m_data(std::move(data)) {}
Rows::Rows(Rows &&) noexcept = default;
Rows &Rows::operator=(Rows &&) noexcept = default;
Rows::~Rows() = default;

int Rows::size() const
{
    return m_data ? static_cast<int>(m_data->result.size()) : 0;
}

int Rows::columns() const
{
    return m_data ? static_cast<int>(m_data->result.columns()) : 0;
}

std::int64_t Rows::affected() const
{
    return m_data ? static_cast<std::int64_t>(m_data->result.affected_rows()) : 0;
}

bool Rows::isNull(int row, int column) const
{
    return m_data->result[row][column].is_null();
}

std::string_view Rows::text(int row, int column) const
{
    const auto field = m_data->result[row][column];
    return {field.c_str(), field.size()};
}

std::int64_t Rows::integer(int row, int column) const
{
    const std::string_view digits = text(row, column);
    std::int64_t number = digits == "t" ? 1 : 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), number);
    return number;
}

Link::Link(std::unique_ptr<Session> session) : m_session(std::move(session)) {}
Link::~Link() = default;

Outcome<std::unique_ptr<Link>> Link::connect(const std::string &url)
{
    return guarded(nullptr, [&] { return std::unique_ptr<Link>(new Link(std::make_unique<Session>(url))); });
}

Outcome<Rows> Link::run(const std::string &sql)
{
    return m_session->ask([&](pqxx::nontransaction &work) { return work.exec(sql); });
}

Outcome<Rows> Link::run(const std::string &sql, const Params &params)
{
    return m_session->ask([&](pqxx::nontransaction &work) { return askWith(work, sql, params); });
}

Outcome<void> Link::prepare(const std::string &name, const std::string &sql)
{
    return guarded(&m_session->connection, [&] { m_session->connection.prepare(name, sql); });
}

Outcome<Rows> Link::runPrepared(const std::string &name, const Params &params)
{
    return m_session->ask([&](pqxx::nontransaction &work) { return askPrepared(work, name, params); });
}

}  // namespace cm::sql::pg
