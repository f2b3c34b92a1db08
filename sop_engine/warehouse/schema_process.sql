-- The month and its meetings: tasks and holidays, templates, meetings with agenda, attendance and minutes, assumptions held against
-- actuals, notes with their evidence, and what a decision was deferred for.

CREATE TABLE holiday (
    day    DATE NOT NULL,
    name   VARCHAR NOT NULL DEFAULT '',
    PRIMARY KEY (day)
);
COMMENT ON TABLE holiday IS 'planner | Days on which nobody works; due dates of the cycle skip them';
COMMENT ON COLUMN holiday.day IS 'date | day | 2026-01-01';
COMMENT ON COLUMN holiday.name IS 'text | why | New Year';

ALTER TABLE cycle ADD COLUMN pre_sop VARCHAR DEFAULT 'one';
ALTER TABLE cycle ALTER COLUMN pre_sop SET NOT NULL;
COMMENT ON COLUMN cycle.pre_sop IS 'one, region, channel, category | one pre-S&OP meeting, or a series by region, channel or category that rolls up';
ALTER TABLE cycle ADD COLUMN started_on DATE;
COMMENT ON COLUMN cycle.started_on IS 'date | day from which its working days count';
ALTER TABLE cycle ADD COLUMN sample BOOLEAN DEFAULT false;
COMMENT ON COLUMN cycle.sample IS 'yes/no | belongs to the sample company''s past; its decisions, assumptions and actions are made up';

CREATE TABLE task (
    task_id  VARCHAR NOT NULL,
    cycle    VARCHAR NOT NULL,
    stage    VARCHAR NOT NULL CHECK (stage IN ('product', 'demand', 'supply', 'finance', 'pre_sop', 'executive')),
    title    VARCHAR NOT NULL,
    page     VARCHAR NOT NULL DEFAULT '',
    section  VARCHAR NOT NULL DEFAULT '',
    owner    VARCHAR NOT NULL DEFAULT '',
    working_day INTEGER,
    due      DATE,
    status   VARCHAR NOT NULL CHECK (status IN ('open', 'done', 'dropped')),
    done_by  VARCHAR NOT NULL DEFAULT '',
    done_at  TIMESTAMP,
    reason   VARCHAR NOT NULL DEFAULT '',
    sample   BOOLEAN NOT NULL DEFAULT false,
    PRIMARY KEY (task_id)
);
COMMENT ON TABLE task IS 'process | What is to be done in a review of a cycle, and where';
COMMENT ON COLUMN task.task_id IS 'text | identifier';
COMMENT ON COLUMN task.cycle IS 'YYYY-MM | cycle';
COMMENT ON COLUMN task.stage IS 'stage | review it belongs to';
COMMENT ON COLUMN task.title IS 'text | what is to be done';
COMMENT ON COLUMN task.page IS 'text | page that does it';
COMMENT ON COLUMN task.section IS 'text | its section';
COMMENT ON COLUMN task.owner IS 'text | who does it';
COMMENT ON COLUMN task.working_day IS 'working days | after the cycle''s first day on which it is due';
COMMENT ON COLUMN task.due IS 'date | deadline';
COMMENT ON COLUMN task.status IS 'open, done, dropped | where it stands';
COMMENT ON COLUMN task.done_by IS 'text | who did or dropped it';
COMMENT ON COLUMN task.done_at IS 'time | when';
COMMENT ON COLUMN task.reason IS 'text | why it was dropped';
COMMENT ON COLUMN task.sample IS 'yes/no | made up to show the feature';

CREATE TABLE meeting (
    meeting_id   VARCHAR NOT NULL,
    cycle        VARCHAR NOT NULL,
    stage        VARCHAR NOT NULL CHECK (stage IN ('product', 'demand', 'supply', 'finance', 'pre_sop', 'executive')),
    scope        VARCHAR NOT NULL DEFAULT '',
    title        VARCHAR NOT NULL,
    facilitator  VARCHAR NOT NULL DEFAULT '',
    status       VARCHAR NOT NULL CHECK (status IN ('planned', 'running', 'ended')),
    planned_for  DATE,
    started_at   TIMESTAMP,
    ended_at     TIMESTAMP,
    pinned_at    TIMESTAMP,
    data_version VARCHAR NOT NULL DEFAULT '',
    levers       VARCHAR NOT NULL DEFAULT '',
    figures      VARCHAR NOT NULL DEFAULT '',
    minutes      VARCHAR NOT NULL DEFAULT '',
    created_at   TIMESTAMP NOT NULL,
    created_by   VARCHAR NOT NULL DEFAULT '',
    sample       BOOLEAN NOT NULL DEFAULT false,
    PRIMARY KEY (meeting_id)
);
COMMENT ON TABLE meeting IS 'process | Meetings of a cycle: pinned to the data they began on, with the minutes written at their end';
COMMENT ON COLUMN meeting.meeting_id IS 'text | identifier';
COMMENT ON COLUMN meeting.cycle IS 'YYYY-MM | cycle';
COMMENT ON COLUMN meeting.stage IS 'stage | review it is held for';
COMMENT ON COLUMN meeting.scope IS 'text | region, channel or category of a series; blank is the whole company';
COMMENT ON COLUMN meeting.title IS 'text | name of the meeting';
COMMENT ON COLUMN meeting.facilitator IS 'text | who leads it';
COMMENT ON COLUMN meeting.status IS 'planned, running, ended | where it stands';
COMMENT ON COLUMN meeting.planned_for IS 'date | day it is planned for';
COMMENT ON COLUMN meeting.started_at IS 'time | when it began';
COMMENT ON COLUMN meeting.ended_at IS 'time | when it ended';
COMMENT ON COLUMN meeting.pinned_at IS 'time | since when it is pinned to its data';
COMMENT ON COLUMN meeting.data_version IS 'hash | inputs it is pinned to';
COMMENT ON COLUMN meeting.levers IS 'JSON | working scenario it began with';
COMMENT ON COLUMN meeting.figures IS 'JSON | the seven figures as it began';
COMMENT ON COLUMN meeting.minutes IS 'JSON | minutes as written at its end, a part each with its table';
COMMENT ON COLUMN meeting.created_at IS 'time | when it was called';
COMMENT ON COLUMN meeting.created_by IS 'text | who called it';
COMMENT ON COLUMN meeting.sample IS 'yes/no | made up to show the feature';

CREATE TABLE agenda_item (
    meeting_id VARCHAR NOT NULL,
    position   INTEGER NOT NULL,
    title      VARCHAR NOT NULL,
    minutes    DOUBLE NOT NULL CHECK (minutes > 0),
    page       VARCHAR NOT NULL DEFAULT '',
    section    VARCHAR NOT NULL DEFAULT '',
    kind       VARCHAR NOT NULL DEFAULT 'review' CHECK (kind IN ('review', 'decision', 'summary')),
    about      VARCHAR NOT NULL DEFAULT '',
    started_at TIMESTAMP,
    seconds    DOUBLE NOT NULL DEFAULT 0,
    notes      VARCHAR NOT NULL DEFAULT '',
    PRIMARY KEY (meeting_id, position)
);
COMMENT ON TABLE agenda_item IS 'process | The agenda of a meeting and the time each item took';
COMMENT ON COLUMN agenda_item.meeting_id IS 'text | meeting';
COMMENT ON COLUMN agenda_item.position IS 'number | order';
COMMENT ON COLUMN agenda_item.title IS 'text | item';
COMMENT ON COLUMN agenda_item.minutes IS 'minutes | time it is given';
COMMENT ON COLUMN agenda_item.page IS 'text | page shown';
COMMENT ON COLUMN agenda_item.section IS 'text | section shown';
COMMENT ON COLUMN agenda_item.kind IS 'review, decision, summary | what the time is spent on';
COMMENT ON COLUMN agenda_item.about IS 'text | decision it is about';
COMMENT ON COLUMN agenda_item.started_at IS 'time | when it was opened last; blank while it is not';
COMMENT ON COLUMN agenda_item.seconds IS 'seconds | time it took, all its turns together';
COMMENT ON COLUMN agenda_item.notes IS 'text | what was said';

CREATE TABLE attendance (
    meeting_id VARCHAR NOT NULL,
    role       VARCHAR NOT NULL,
    person     VARCHAR NOT NULL DEFAULT '',
    decides    BOOLEAN NOT NULL DEFAULT false,
    present    BOOLEAN NOT NULL DEFAULT false,
    PRIMARY KEY (meeting_id, role, person)
);
COMMENT ON TABLE attendance IS 'process | Who was invited and who came';
COMMENT ON COLUMN attendance.meeting_id IS 'text | meeting';
COMMENT ON COLUMN attendance.role IS 'text | role in the meeting';
COMMENT ON COLUMN attendance.person IS 'text | person; blank while nobody is named';
COMMENT ON COLUMN attendance.decides IS 'yes/no | may decide what the meeting decides';
COMMENT ON COLUMN attendance.present IS 'yes/no | came';

CREATE TABLE assumption (
    assumption_id VARCHAR NOT NULL,
    cycle         VARCHAR NOT NULL,
    text          VARCHAR NOT NULL,
    measure       VARCHAR NOT NULL CHECK (measure IN ('', 'demand_units', 'revenue', 'average_price', 'exchange_rate', 'unit_cost', 'on_time_pct')),
    product       VARCHAR NOT NULL DEFAULT '',
    family        VARCHAR NOT NULL DEFAULT '',
    market        VARCHAR NOT NULL DEFAULT '',
    currency      VARCHAR NOT NULL DEFAULT '',
    from_period   DATE,
    to_period     DATE,
    expected      DOUBLE,
    tolerance_pct DOUBLE CHECK (tolerance_pct >= 0),
    owner         VARCHAR NOT NULL DEFAULT '',
    rests_on_it   VARCHAR NOT NULL DEFAULT '',
    status        VARCHAR NOT NULL CHECK (status IN ('open', 'retired')),
    created_at    TIMESTAMP NOT NULL,
    created_by    VARCHAR NOT NULL DEFAULT '',
    sample        BOOLEAN NOT NULL DEFAULT false,
    PRIMARY KEY (assumption_id)
);
COMMENT ON TABLE assumption IS 'process | What the plan takes for granted, in words, tied to a measure that actuals are held against';
COMMENT ON COLUMN assumption.assumption_id IS 'text | identifier';
COMMENT ON COLUMN assumption.cycle IS 'YYYY-MM | cycle it was made in';
COMMENT ON COLUMN assumption.text IS 'text | the assumption in words';
COMMENT ON COLUMN assumption.measure IS 'demand_units, revenue, average_price, exchange_rate, unit_cost, on_time_pct, or blank | what it is measured by';
COMMENT ON COLUMN assumption.product IS 'text | product; blank is all of the family';
COMMENT ON COLUMN assumption.family IS 'text | family or category; blank is all';
COMMENT ON COLUMN assumption.market IS 'text | market, region or channel; blank is all';
COMMENT ON COLUMN assumption.currency IS 'currency code | of an exchange rate';
COMMENT ON COLUMN assumption.from_period IS 'period | first period it speaks of';
COMMENT ON COLUMN assumption.to_period IS 'period | last period it speaks of';
COMMENT ON COLUMN assumption.expected IS 'by measure | expected value a period; a flow is the average of a period';
COMMENT ON COLUMN assumption.tolerance_pct IS '% | by how much actuals may differ';
COMMENT ON COLUMN assumption.owner IS 'text | who watches it';
COMMENT ON COLUMN assumption.rests_on_it IS 'text | overrides, requests and decisions that lean on it, separated by commas';
COMMENT ON COLUMN assumption.status IS 'open, retired | whether it is watched';
COMMENT ON COLUMN assumption.created_at IS 'time | when it was written';
COMMENT ON COLUMN assumption.created_by IS 'text | who wrote it';
COMMENT ON COLUMN assumption.sample IS 'yes/no | made up to show the feature; counts in no figure';

ALTER TABLE note RENAME TO note_before;
CREATE TABLE note (
    note_id      VARCHAR NOT NULL,
    cycle        VARCHAR NOT NULL,
    stage        VARCHAR NOT NULL DEFAULT '',
    kind         VARCHAR NOT NULL CHECK (kind IN ('action', 'assumption', 'request', 'note', 'parking')),
    text         VARCHAR NOT NULL,
    owner        VARCHAR NOT NULL DEFAULT '',
    due          DATE,
    status       VARCHAR NOT NULL DEFAULT '',
    created_at   TIMESTAMP NOT NULL,
    created_by   VARCHAR NOT NULL DEFAULT '',
    sample       BOOLEAN NOT NULL DEFAULT false,
    meeting_id   VARCHAR NOT NULL DEFAULT '',
    evidence     VARCHAR NOT NULL DEFAULT '',
    closed_at    TIMESTAMP,
    closed_by    VARCHAR NOT NULL DEFAULT '',
    reason       VARCHAR NOT NULL DEFAULT '',
    PRIMARY KEY (note_id)
);
INSERT INTO note SELECT *, '', '', NULL, '', '' FROM note_before;
DROP TABLE note_before;
COMMENT ON TABLE note IS 'process | Actions, assumptions, requests, parked points and notes of a review, with the view they were made on';
COMMENT ON COLUMN note.note_id IS 'text | identifier';
COMMENT ON COLUMN note.cycle IS 'YYYY-MM | cycle it was written in; while open it stands in every later one';
COMMENT ON COLUMN note.stage IS 'stage | review';
COMMENT ON COLUMN note.kind IS 'action, assumption, request, note, parking | what it is';
COMMENT ON COLUMN note.text IS 'text | what it says';
COMMENT ON COLUMN note.owner IS 'text | who answers for it';
COMMENT ON COLUMN note.due IS 'date | deadline';
COMMENT ON COLUMN note.status IS 'open, done, dropped | where it stands';
COMMENT ON COLUMN note.created_at IS 'time | when it was written';
COMMENT ON COLUMN note.created_by IS 'text | who wrote it';
COMMENT ON COLUMN note.sample IS 'yes/no | belongs to the sample company';
COMMENT ON COLUMN note.meeting_id IS 'text | meeting in which it was captured';
COMMENT ON COLUMN note.evidence IS 'JSON | page, section, filter, scenario and data version it was captured on';
COMMENT ON COLUMN note.closed_at IS 'time | when it was closed';
COMMENT ON COLUMN note.closed_by IS 'text | who closed it';
COMMENT ON COLUMN note.reason IS 'text | why it was dropped, or what came of it';

ALTER TABLE decision ADD COLUMN deferrals INTEGER DEFAULT 0;
ALTER TABLE decision ALTER COLUMN deferrals SET NOT NULL;
COMMENT ON COLUMN decision.deferrals IS 'count | times it was deferred';
ALTER TABLE decision ADD COLUMN stage VARCHAR DEFAULT '';
ALTER TABLE decision ALTER COLUMN stage SET NOT NULL;
COMMENT ON COLUMN decision.stage IS 'stage | review that raised it';
ALTER TABLE decision ADD COLUMN scope VARCHAR DEFAULT '';
ALTER TABLE decision ALTER COLUMN scope SET NOT NULL;
COMMENT ON COLUMN decision.scope IS 'text | region, channel, category or family it is about; blank is all';
ALTER TABLE decision ADD COLUMN meeting_id VARCHAR DEFAULT '';
ALTER TABLE decision ALTER COLUMN meeting_id SET NOT NULL;
COMMENT ON COLUMN decision.meeting_id IS 'text | meeting in which it was raised or decided';
ALTER TABLE decision ADD COLUMN evidence VARCHAR DEFAULT '';
ALTER TABLE decision ALTER COLUMN evidence SET NOT NULL;
COMMENT ON COLUMN decision.evidence IS 'JSON | view it was raised on';
ALTER TABLE decision_option ADD COLUMN assumptions VARCHAR DEFAULT '';
ALTER TABLE decision_option ALTER COLUMN assumptions SET NOT NULL;
COMMENT ON COLUMN decision_option.assumptions IS 'text | what it takes for granted, a line each';
ALTER TABLE decision_option ADD COLUMN data_version VARCHAR DEFAULT '';
ALTER TABLE decision_option ALTER COLUMN data_version SET NOT NULL;
COMMENT ON COLUMN decision_option.data_version IS 'hash | inputs it was solved on last';
ALTER TABLE decision_option ADD COLUMN figures VARCHAR DEFAULT '';
ALTER TABLE decision_option ALTER COLUMN figures SET NOT NULL;
COMMENT ON COLUMN decision_option.figures IS 'JSON | scorecard of the fiscal year as it was solved last';
ALTER TABLE decision ADD COLUMN gap VARCHAR DEFAULT '';
ALTER TABLE decision ALTER COLUMN gap SET NOT NULL;
COMMENT ON COLUMN decision.gap IS 'text | gap between the plans that it is to close; blank where it is about none';
ALTER TABLE decision ADD COLUMN cause VARCHAR DEFAULT '';
ALTER TABLE decision ALTER COLUMN cause SET NOT NULL;
COMMENT ON COLUMN decision.cause IS 'text | root cause as it was when raised';
