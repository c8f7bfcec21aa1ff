-- SPDX-License-Identifier: GPL-3.0-or-later
-- Where those that no account stands behind were refused in a brown-out, each network once a minute (since 1970): so much
-- of them counts for its abort, else one stranger could end it. network empty: it is not known.

CREATE TABLE brown_out_strangers (
    brown_out_id BIGINT NOT NULL,
    network TEXT NOT NULL,
    minute BIGINT NOT NULL,
    PRIMARY KEY (brown_out_id, network, minute)
) {{clustered}};
