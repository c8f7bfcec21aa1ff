// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/catalog/deprecations.h"

#include "core/catalog/queries.h"
#include "core/catalog/writer.h"

namespace cm::catalog {

namespace {

constexpr std::string_view deprecationColumns =
    "id, revision, title, kind, subject, owner, replacement, link, command, client_project, mentions, deprecated, sunset,"
    " removal, budget, quiet_days, second_person, state, paused_from, since, created, created_by, agreed_json";

DeprecationRow deprecationOf(const sql::Cursor &row)
{
    DeprecationRow out;
    out.id = row.integer(0);
    out.revision = row.integer(1);
    out.title = row.string(2);
    out.kind = row.string(3);
    out.subject = row.string(4);
    out.owner = row.string(5);
    out.replacement = row.string(6);
    out.link = row.string(7);
    out.command = row.string(8);
    out.clientProject = row.string(9);
    out.mentions = row.string(10);
    out.deprecated = optionalTimeAt(row, 11);
    out.sunset = optionalTimeAt(row, 12);
    out.removal = optionalTimeAt(row, 13);
    out.budget = row.integer(14);
    out.quietDays = row.integer(15);
    out.secondPerson = row.boolean(16);
    out.state = row.string(17);
    out.pausedFrom = row.string(18);
    out.since = timeAt(row, 19);
    out.created = timeAt(row, 20);
    out.createdBy = row.string(21);
    out.agreed = row.string(22);
    return out;
}

DeprecationStepRow stepOf(const sql::Cursor &row)
{
    return {row.integer(0), row.integer(1), row.string(2), row.string(3), timeAt(row, 4),
            row.string(5),  row.string(6),  row.string(7), row.string(8), row.boolean(9)};
}

BrownOutRow brownOutOf(const sql::Cursor &row)
{
    return {row.integer(0), row.integer(1), row.integer(2),          timeAt(row, 3),  timeAt(row, 4),
            row.string(5),  row.integer(6), optionalTimeAt(row, 7), row.string(8), row.string(9)};
}

DeprecationExemptionRow exemptionOf(const sql::Cursor &row)
{
    return {row.integer(0), row.integer(1), row.string(2), timeAt(row, 3), row.string(4), row.string(5)};
}

DeprecationAnswerRow answerOf(const sql::Cursor &row)
{
    return {row.integer(0), row.integer(1), row.string(2), row.string(3), row.string(4), timeAt(row, 5), row.string(6)};
}

DeprecationMessageRow messageOf(const sql::Cursor &row)
{
    return {row.integer(0), row.integer(1), row.integer(2), timeAt(row, 3), row.string(4), row.string(5), row.string(6)};
}

DeprecationProofRow proofOf(const sql::Cursor &row)
{
    return {row.integer(0), row.string(1), row.integer(2), row.boolean(3), row.string(4), timeAt(row, 5)};
}

ServingNodeRow nodeOf(const sql::Cursor &row)
{
    return {row.string(0), timeAt(row, 1)};
}

constexpr std::string_view brownOutColumns =
    "SELECT id, deprecation_id, number, starts, ends, on_call, abort_at, ended, ended_by, end_reason FROM brown_outs";

}  // namespace

Result<std::vector<DeprecationRow>> Reader::deprecations()
{
    return all<DeprecationRow>(m_connection, "SELECT " + std::string(deprecationColumns) + " FROM deprecations ORDER BY id", {},
                               deprecationOf);
}

Result<DeprecationRow> Reader::deprecation(Id id)
{
    return one<DeprecationRow>(m_connection, "SELECT " + std::string(deprecationColumns) + " FROM deprecations WHERE id = $1", {id},
                               deprecationOf, "deprecation");
}

Result<std::vector<DeprecationStepRow>> Reader::deprecationSteps(Id deprecation)
{
    return all<DeprecationStepRow>(m_connection,
                                   "SELECT id, deprecation_id, from_state, to_state, time, actor, confirmed_by, reason, guards_json,"
                                   " overridden FROM deprecation_steps WHERE deprecation_id = $1 ORDER BY id",
                                   {deprecation}, stepOf);
}

Result<std::vector<BrownOutRow>> Reader::brownOuts(Id deprecation)
{
    return all<BrownOutRow>(m_connection, std::string(brownOutColumns) + " WHERE deprecation_id = $1 ORDER BY number", {deprecation},
                            brownOutOf);
}

Result<BrownOutRow> Reader::brownOut(Id id)
{
    return one<BrownOutRow>(m_connection, std::string(brownOutColumns) + " WHERE id = $1", {id}, brownOutOf, "brown-out");
}

Result<std::vector<DeprecationExemptionRow>> Reader::deprecationExemptions(Id deprecation)
{
    return all<DeprecationExemptionRow>(
        m_connection,
        "SELECT e.deprecation_id, e.user_id, u.name, e.until, e.reason, e.author FROM deprecation_exemptions e"
        " JOIN users u ON u.id = e.user_id WHERE e.deprecation_id = $1 ORDER BY u.normalized_name",
        {deprecation}, exemptionOf);
}

Result<std::vector<DeprecationAnswerRow>> Reader::deprecationAnswers(Id deprecation)
{
    return all<DeprecationAnswerRow>(m_connection,
                                     "SELECT id, deprecation_id, who, stance, text, time, author FROM deprecation_answers"
                                     " WHERE deprecation_id = $1 ORDER BY id",
                                     {deprecation}, answerOf);
}

Result<std::vector<DeprecationMessageRow>> Reader::deprecationMessages(Id deprecation)
{
    return all<DeprecationMessageRow>(m_connection,
                                      "SELECT id, deprecation_id, user_id, time, outcome, problem, author FROM deprecation_messages"
                                      " WHERE deprecation_id = $1 ORDER BY id",
                                      {deprecation}, messageOf);
}

Result<std::vector<DeprecationProofRow>> Reader::deprecationProofs(Id deprecation)
{
    return all<DeprecationProofRow>(m_connection,
                                    "SELECT deprecation_id, node, revision, answers_right, detail, time FROM deprecation_proofs"
                                    " WHERE deprecation_id = $1 ORDER BY node",
                                    {deprecation}, proofOf);
}

Result<std::vector<ServingNodeRow>> Reader::servingNodes()
{
    return all<ServingNodeRow>(m_connection, "SELECT node, seen FROM serving_nodes ORDER BY node", {}, nodeOf);
}

Result<Id> Writer::createDeprecation(const DeprecationRow &row)
{
    return insert(m_connection,
                  "INSERT INTO deprecations (revision, title, kind, subject, owner, replacement, link, command, client_project,"
                  " mentions, deprecated, sunset, removal, budget, quiet_days, second_person, state, paused_from, since, created,"
                  " created_by, confirmed_state, confirmed_by, confirmed_revision) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9,"
                  " $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, '', '', 0) RETURNING id",
                  {row.revision, row.title, row.kind, row.subject, row.owner, row.replacement, row.link, row.command,
                   row.clientProject, row.mentions, micros(row.deprecated), micros(row.sunset), micros(row.removal), row.budget,
                   row.quietDays, row.secondPerson, row.state, row.pausedFrom, micros(row.since), micros(row.created),
                   row.createdBy},
                  "the deprecation is there already");
}

Result<void> Writer::changeDeprecation(const DeprecationRow &row)
{
    return changeOne(m_connection,
                     "UPDATE deprecations SET revision = $2, title = $3, kind = $4, subject = $5, owner = $6, replacement = $7,"
                     " link = $8, command = $9, client_project = $10, mentions = $11, deprecated = $12, sunset = $13,"
                     " removal = $14, budget = $15, quiet_days = $16, second_person = $17, state = $18, paused_from = $19,"
                     " since = $20, agreed_json = $21 WHERE id = $1",
                     {row.id, row.revision, row.title, row.kind, row.subject, row.owner, row.replacement, row.link, row.command,
                      row.clientProject, row.mentions, micros(row.deprecated), micros(row.sunset), micros(row.removal), row.budget,
                      row.quietDays, row.secondPerson, row.state, row.pausedFrom, micros(row.since), row.agreed},
                     "deprecation");
}

Result<void> Writer::addDeprecationStep(const DeprecationStepRow &row)
{
    CM_TRY(m_connection.execute("INSERT INTO deprecation_steps (deprecation_id, from_state, to_state, time, actor, confirmed_by,"
                                " reason, guards_json, overridden) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
                                {row.deprecationId, row.from, row.to, micros(row.time), row.actor, row.confirmedBy, row.reason,
                                 row.guards, row.overridden}));
    return {};
}

Result<Id> Writer::addBrownOut(const BrownOutRow &row)
{
    return insert(m_connection,
                  "INSERT INTO brown_outs (deprecation_id, number, starts, ends, on_call, abort_at, ended_by, end_reason)"
                  " VALUES ($1, $2, $3, $4, $5, $6, '', '') RETURNING id",
                  {row.deprecationId, row.number, micros(row.starts), micros(row.ends), row.onCall, row.abortAt},
                  "the brown-out is there already");
}

Result<void> Writer::endBrownOut(Id id, Time at, std::string_view by, std::string_view reason)
{
    return changeOne(m_connection, "UPDATE brown_outs SET ended = $2, ended_by = $3, end_reason = $4 WHERE id = $1 AND ended IS NULL",
                     {id, micros(at), by, reason}, "brown-out that has not ended");
}

Result<void> Writer::setDeprecationExemption(const DeprecationExemptionRow &row)
{
    CM_TRY(m_connection.execute("INSERT INTO deprecation_exemptions (deprecation_id, user_id, until, reason, author)"
                                " VALUES ($1, $2, $3, $4, $5) ON CONFLICT (deprecation_id, user_id) DO UPDATE SET"
                                " until = excluded.until, reason = excluded.reason, author = excluded.author",
                                {row.deprecationId, row.userId, micros(row.until), row.reason, row.author}));
    return {};
}

Result<Id> Writer::addDeprecationAnswer(const DeprecationAnswerRow &row)
{
    return insert(m_connection,
                  "INSERT INTO deprecation_answers (deprecation_id, who, stance, text, time, author)"
                  " VALUES ($1, $2, $3, $4, $5, $6) RETURNING id",
                  {row.deprecationId, row.who, row.stance, row.text, micros(row.time), row.author}, "the answer is there already");
}

Result<void> Writer::addDeprecationMessage(const DeprecationMessageRow &row)
{
    CM_TRY(m_connection.execute("INSERT INTO deprecation_messages (deprecation_id, user_id, time, outcome, problem, author)"
                                " VALUES ($1, $2, $3, $4, $5, $6)",
                                {row.deprecationId, row.userId, micros(row.time), row.outcome, row.problem, row.author}));
    return {};
}

Result<void> Writer::setDeprecationProof(const DeprecationProofRow &row)
{
    CM_TRY(m_connection.execute("INSERT INTO deprecation_proofs (deprecation_id, node, revision, answers_right, detail, time)"
                                " VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (deprecation_id, node) DO UPDATE SET"
                                " revision = excluded.revision, answers_right = excluded.answers_right,"
                                " detail = excluded.detail, time = excluded.time",
                                {row.deprecationId, row.node, row.revision, row.right, row.detail, micros(row.time)}));
    return {};
}

Result<void> Writer::forgetServingNode(std::string_view node)
{
    CM_TRY(m_connection.execute("DELETE FROM deprecation_proofs WHERE node = $1", {node}));
    return changeOne(m_connection, "DELETE FROM serving_nodes WHERE node = $1", {node}, "node");
}

Result<void> Writer::noteServingNode(const ServingNodeRow &row)
{
    CM_TRY(m_connection.execute("INSERT INTO serving_nodes (node, seen) VALUES ($1, $2)"
                                " ON CONFLICT (node) DO UPDATE SET seen = excluded.seen",
                                {row.node, micros(row.seen)}));
    return {};
}

}  // namespace cm::catalog
