-- SPDX-License-Identifier: GPL-3.0-or-later
-- What is on its way out, each step of it, and the uses by which it is judged. Whole records: nothing is deleted but
-- old uses. Brown-outs hold until `ends` by the clock of whoever reads them.

CREATE TABLE deprecations (
    id {{identity}},
    revision BIGINT NOT NULL,
    title TEXT NOT NULL,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    owner TEXT NOT NULL,
    replacement TEXT NOT NULL,
    link TEXT NOT NULL,
    command TEXT NOT NULL,
    client_project TEXT NOT NULL,
    mentions TEXT NOT NULL,
    deprecated BIGINT,
    sunset BIGINT,
    removal BIGINT,
    budget BIGINT NOT NULL,
    quiet_days BIGINT NOT NULL,
    second_person BOOLEAN NOT NULL,
    state TEXT NOT NULL,
    paused_from TEXT NOT NULL,
    since BIGINT NOT NULL,
    created BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    confirmed_state TEXT NOT NULL,
    confirmed_by TEXT NOT NULL,
    confirmed_revision BIGINT NOT NULL
);

CREATE TABLE deprecation_steps (
    id {{identity}},
    deprecation_id BIGINT NOT NULL REFERENCES deprecations (id),
    from_state TEXT NOT NULL,
    to_state TEXT NOT NULL,
    time BIGINT NOT NULL,
    actor TEXT NOT NULL,
    confirmed_by TEXT NOT NULL,
    reason TEXT NOT NULL,
    guards_json TEXT NOT NULL,
    overridden BOOLEAN NOT NULL
);
CREATE INDEX deprecation_steps_of ON deprecation_steps (deprecation_id, id);

-- ended: the earlier end of one that was aborted (it had begun) or called off (it had not).
CREATE TABLE brown_outs (
    id {{identity}},
    deprecation_id BIGINT NOT NULL REFERENCES deprecations (id),
    number BIGINT NOT NULL,
    starts BIGINT NOT NULL,
    ends BIGINT NOT NULL,
    on_call TEXT NOT NULL,
    abort_at BIGINT NOT NULL,
    ended BIGINT,
    ended_by TEXT NOT NULL,
    end_reason TEXT NOT NULL
);
CREATE INDEX brown_outs_of ON brown_outs (deprecation_id, number);

CREATE TABLE deprecation_exemptions (
    deprecation_id BIGINT NOT NULL REFERENCES deprecations (id),
    user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    until BIGINT NOT NULL,
    reason TEXT NOT NULL,
    author TEXT NOT NULL,
    PRIMARY KEY (deprecation_id, user_id)
);

CREATE TABLE deprecation_answers (
    id {{identity}},
    deprecation_id BIGINT NOT NULL REFERENCES deprecations (id),
    who TEXT NOT NULL,
    stance TEXT NOT NULL,
    text TEXT NOT NULL,
    time BIGINT NOT NULL,
    author TEXT NOT NULL
);
CREATE INDEX deprecation_answers_of ON deprecation_answers (deprecation_id, id);

CREATE TABLE deprecation_messages (
    id {{identity}},
    deprecation_id BIGINT NOT NULL REFERENCES deprecations (id),
    user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    time BIGINT NOT NULL,
    outcome TEXT NOT NULL,
    problem TEXT NOT NULL,
    author TEXT NOT NULL
);
CREATE INDEX deprecation_messages_of ON deprecation_messages (deprecation_id, user_id, id);

-- What each node has rehearsed last.
CREATE TABLE deprecation_proofs (
    deprecation_id BIGINT NOT NULL REFERENCES deprecations (id),
    node TEXT NOT NULL,
    revision BIGINT NOT NULL,
    answers_right BOOLEAN NOT NULL,
    detail TEXT NOT NULL,
    time BIGINT NOT NULL,
    PRIMARY KEY (deprecation_id, node)
);

-- Nodes give signs of life here while there is something that they have to agree on.
CREATE TABLE serving_nodes (
    node TEXT NOT NULL PRIMARY KEY,
    seen BIGINT NOT NULL
);

-- Each upload of somebody who is known, and what nobody stands behind, gathered by what it was. No address is kept.
CREATE TABLE uses (
    id {{identity}},
    time BIGINT NOT NULL,
    channel TEXT NOT NULL,
    endpoint TEXT NOT NULL,
    authentication TEXT NOT NULL,
    client TEXT NOT NULL,
    client_version TEXT NOT NULL,
    user_id BIGINT,
    credential TEXT NOT NULL,
    project TEXT NOT NULL,
    file_type TEXT NOT NULL,
    metadata_version TEXT NOT NULL,
    digest TEXT NOT NULL,
    status BIGINT NOT NULL,
    refused_by BIGINT,
    brown_out BIGINT,
    noticed BIGINT NOT NULL,
    uses BIGINT NOT NULL
);
CREATE INDEX uses_by_time ON uses (time);
CREATE INDEX uses_of_channel ON uses (channel, time);
CREATE INDEX uses_of_client ON uses (client, client_version);
CREATE INDEX uses_of_user ON uses (user_id, time);
CREATE INDEX uses_in_brown_out ON uses (brown_out) WHERE brown_out IS NOT NULL;
