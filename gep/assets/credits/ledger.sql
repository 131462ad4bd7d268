-- A ledger of carbon credits in one file. What is written stays: triggers refuse to change or delete a row, and a
-- correction is an entry that moves back what another moved. Every entry takes credits from one balance and adds them
-- to another; no balance is below zero, so that no tonne can be sold twice.

CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE projects (
    project TEXT NOT NULL,
    title TEXT,
    standard TEXT,
    ecosystem TEXT,
    zone TEXT,
    begins TEXT NOT NULL CHECK (begins IS date(begins, '+0 days')),
    ends TEXT NOT NULL CHECK (ends IS date(ends, '+0 days') AND ends >= begins),
    PRIMARY KEY (project, begins)
) WITHOUT ROWID;

CREATE TABLE lots (
    lot TEXT PRIMARY KEY,
    project TEXT NOT NULL,
    product TEXT NOT NULL,
    vintage_begins TEXT NOT NULL CHECK (vintage_begins IS date(vintage_begins, '+0 days')),
    vintage_ends TEXT NOT NULL CHECK (vintage_ends IS date(vintage_ends, '+0 days') AND vintage_ends >= vintage_begins),
    date TEXT NOT NULL CHECK (date IS date(date, '+0 days')),
    quantity INTEGER NOT NULL CHECK (typeof(quantity) = 'integer' AND quantity > 0),
    series TEXT,
    first_serial INTEGER,
    last_serial INTEGER,
    CHECK ((series IS NULL) = (first_serial IS NULL) AND (series IS NULL) = (last_serial IS NULL)),
    CHECK (series IS NULL OR last_serial - first_serial + 1 = quantity)
) WITHOUT ROWID;

CREATE INDEX lots_by_serial ON lots (series, last_serial);

CREATE TABLE moves (
    kind TEXT NOT NULL,
    from_state TEXT NOT NULL,
    to_state TEXT NOT NULL,
    PRIMARY KEY (kind, from_state, to_state)
) WITHOUT ROWID;

CREATE TABLE entries (
    entry INTEGER PRIMARY KEY,
    date TEXT NOT NULL CHECK (date IS date(date, '+0 days')),
    kind TEXT NOT NULL,
    lot TEXT NOT NULL REFERENCES lots (lot),
    from_holder TEXT NOT NULL,
    from_state TEXT NOT NULL,
    to_holder TEXT NOT NULL,
    to_state TEXT NOT NULL,
    quantity INTEGER NOT NULL CHECK (typeof(quantity) = 'integer' AND quantity > 0),
    value REAL CHECK (value >= 0),
    party TEXT,
    purpose TEXT,
    register TEXT,
    reference TEXT,
    corrects INTEGER REFERENCES entries (entry),
    note TEXT,
    CHECK ((kind = 'correct') = (corrects IS NOT NULL)),
    CHECK (from_holder <> to_holder OR from_state <> to_state),
    FOREIGN KEY (kind, from_state, to_state) REFERENCES moves (kind, from_state, to_state)
);

CREATE INDEX entries_by_lot ON entries (lot, date);
CREATE UNIQUE INDEX entries_by_reference ON entries (reference) WHERE reference IS NOT NULL;
CREATE UNIQUE INDEX entries_by_corrected ON entries (corrects) WHERE corrects IS NOT NULL;

CREATE TABLE balances (
    lot TEXT NOT NULL REFERENCES lots (lot),
    holder TEXT NOT NULL,
    state TEXT NOT NULL,
    quantity INTEGER NOT NULL CONSTRAINT more_than_there_is CHECK (quantity >= 0),
    PRIMARY KEY (lot, holder, state)
) WITHOUT ROWID;

CREATE TRIGGER lot_in_period BEFORE INSERT ON lots
WHEN NOT EXISTS (
    SELECT 1 FROM projects
    WHERE project = NEW.project AND begins <= NEW.vintage_begins AND ends >= NEW.vintage_ends
)
BEGIN SELECT RAISE(ABORT, 'the vintage lies outside of the crediting periods of the project'); END;

CREATE TRIGGER lot_issued_after_its_vintage BEFORE INSERT ON lots WHEN NEW.date < NEW.vintage_ends
BEGIN SELECT RAISE(ABORT, 'the lot is issued before its vintage ends'); END;

-- a lot that was voided whole frees its serial numbers
CREATE TRIGGER lot_of_new_serials BEFORE INSERT ON lots
WHEN NEW.series IS NOT NULL AND EXISTS (
    SELECT 1 FROM lots INDEXED BY lots_by_serial
    WHERE series = NEW.series AND last_serial >= NEW.first_serial AND first_serial <= NEW.last_serial
        AND NOT EXISTS (
            SELECT 1 FROM balances
            WHERE balances.lot = lots.lot AND holder = '' AND state = 'void' AND balances.quantity = lots.quantity
        )
)
BEGIN SELECT RAISE(ABORT, 'these serial numbers are those of another lot'); END;

CREATE TRIGGER lot_begins_outside AFTER INSERT ON lots
BEGIN INSERT INTO balances VALUES (NEW.lot, '', 'outside', NEW.quantity); END;

CREATE TRIGGER entry_after_issue BEFORE INSERT ON entries
WHEN NEW.date < (SELECT date FROM lots WHERE lot = NEW.lot)
BEGIN SELECT RAISE(ABORT, 'the entry is dated before the issue of its lot'); END;

CREATE TRIGGER entry_takes_back BEFORE INSERT ON entries
WHEN NEW.corrects IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM entries
    WHERE entry = NEW.corrects AND kind <> 'correct' AND date <= NEW.date AND lot = NEW.lot
        AND quantity = NEW.quantity AND value IS NEW.value
        AND from_holder = NEW.to_holder AND from_state = NEW.to_state
        AND to_holder = NEW.from_holder AND to_state = NEW.from_state
)
BEGIN SELECT RAISE(ABORT, 'a correction moves back exactly what another entry moved'); END;

CREATE TRIGGER entry_of_what_is_there BEFORE INSERT ON entries
WHEN NOT EXISTS (
    SELECT 1 FROM balances WHERE lot = NEW.lot AND holder = NEW.from_holder AND state = NEW.from_state
)
BEGIN SELECT RAISE(ABORT, 'more_than_there_is'); END;

CREATE TRIGGER entry_moves AFTER INSERT ON entries
BEGIN
    UPDATE balances SET quantity = quantity - NEW.quantity
    WHERE lot = NEW.lot AND holder = NEW.from_holder AND state = NEW.from_state;
    INSERT INTO balances VALUES (NEW.lot, NEW.to_holder, NEW.to_state, NEW.quantity)
    ON CONFLICT (lot, holder, state) DO UPDATE SET quantity = quantity + excluded.quantity;
END;

-- an entry with an earlier date than others of its lot must leave no balance below zero on any day
CREATE TRIGGER entry_of_the_past AFTER INSERT ON entries
WHEN EXISTS (SELECT 1 FROM entries WHERE lot = NEW.lot AND date > NEW.date) AND EXISTS (
    SELECT 1 FROM (
        SELECT sum(moved) OVER (ORDER BY date, entry) AS left FROM (
            SELECT date, entry, quantity AS moved FROM entries
            WHERE lot = NEW.lot AND to_holder = NEW.from_holder AND to_state = NEW.from_state
            UNION ALL
            SELECT date, entry, -quantity FROM entries
            WHERE lot = NEW.lot AND from_holder = NEW.from_holder AND from_state = NEW.from_state
            UNION ALL
            SELECT '', 0, quantity FROM lots WHERE lot = NEW.lot AND NEW.from_state = 'outside'
        )
    ) WHERE left < 0
)
BEGIN SELECT RAISE(ABORT, 'more_than_there_is'); END;

-- INSERT OR REPLACE deletes without asking a trigger
CREATE TRIGGER projects_once BEFORE INSERT ON projects
WHEN EXISTS (SELECT 1 FROM projects WHERE project = NEW.project AND begins = NEW.begins)
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER lots_once BEFORE INSERT ON lots WHEN EXISTS (SELECT 1 FROM lots WHERE lot = NEW.lot)
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER entries_once BEFORE INSERT ON entries
WHEN EXISTS (SELECT 1 FROM entries WHERE entry = NEW.entry OR reference = NEW.reference OR corrects = NEW.corrects)
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;

CREATE TRIGGER projects_stay BEFORE UPDATE ON projects BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER projects_remain BEFORE DELETE ON projects BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER lots_stay BEFORE UPDATE ON lots BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER lots_remain BEFORE DELETE ON lots BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER moves_stay BEFORE UPDATE ON moves BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER moves_remain BEFORE DELETE ON moves BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER entries_stay BEFORE UPDATE ON entries BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER entries_remain BEFORE DELETE ON entries BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER balances_remain BEFORE DELETE ON balances BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
