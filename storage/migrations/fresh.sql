CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);

CREATE TABLE alert (
	id INTEGER NOT NULL, 
	kind TEXT NOT NULL, 
	"key" TEXT NOT NULL, 
	details TEXT NOT NULL, 
	at BIGINT NOT NULL, 
	told_at BIGINT, 
	CONSTRAINT pk_alert PRIMARY KEY (id), 
	CONSTRAINT uq_alert_key UNIQUE ("key")
);

CREATE INDEX ix_alert_untold ON alert (id) WHERE told_at IS NULL;

CREATE TABLE blob (
	id INTEGER NOT NULL, 
	person_id BIGINT, 
	media_type TEXT NOT NULL, 
	size INTEGER NOT NULL, 
	data BLOB NOT NULL, 
	at BIGINT NOT NULL, 
	delete_after BIGINT, 
	CONSTRAINT pk_blob PRIMARY KEY (id)
);

CREATE INDEX ix_blob_delete_after ON blob (delete_after);

CREATE INDEX ix_blob_person ON blob (person_id);

CREATE TABLE city_change (
	id INTEGER NOT NULL, 
	city_id TEXT NOT NULL, 
	body TEXT NOT NULL, 
	why TEXT NOT NULL, 
	proposed_by TEXT NOT NULL, 
	approved_by TEXT, 
	state TEXT NOT NULL, 
	takes_effect_at BIGINT NOT NULL, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_city_change PRIMARY KEY (id), 
	CONSTRAINT ck_city_change_state_known CHECK (state = 'pending' OR state = 'effective' OR state = 'dropped')
);

CREATE INDEX ix_city_change_city ON city_change (city_id, state);

CREATE TABLE city_record (
	city_id TEXT NOT NULL, 
	version INTEGER NOT NULL, 
	body TEXT NOT NULL, 
	made_by TEXT NOT NULL, 
	why TEXT NOT NULL, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_city_record PRIMARY KEY (city_id, version)
);

CREATE TABLE city_verification (
	id INTEGER NOT NULL, 
	city_id TEXT NOT NULL, 
	verified_on DATE NOT NULL, 
	verified_by TEXT NOT NULL, 
	method TEXT NOT NULL, 
	answered_by TEXT NOT NULL, 
	words TEXT NOT NULL, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_city_verification PRIMARY KEY (id), 
	CONSTRAINT ck_city_verification_method_known CHECK (method = 'phone' OR method = 'official_paper' OR method = 'official_page')
);

CREATE INDEX ix_city_verification_city ON city_verification (city_id, id);

CREATE TABLE inbox (
	id INTEGER NOT NULL, 
	source TEXT NOT NULL, 
	"key" TEXT NOT NULL, 
	person_id BIGINT, 
	address_id BIGINT, 
	kind TEXT NOT NULL, 
	body BLOB, 
	state TEXT NOT NULL, 
	attempts INTEGER NOT NULL, 
	due_at BIGINT NOT NULL, 
	error TEXT, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_inbox PRIMARY KEY (id), 
	CONSTRAINT ck_inbox_state_known CHECK (state = 'done' OR state = 'waiting' OR state = 'dead' OR state = 'dropped'), 
	CONSTRAINT uq_inbox_source_key UNIQUE (source, "key")
);

CREATE INDEX ix_inbox_dead ON inbox (id) WHERE state = 'dead';

CREATE INDEX ix_inbox_waiting ON inbox (person_id, id) WHERE state = 'waiting';

CREATE TABLE link (
	hash BLOB NOT NULL, 
	kind TEXT NOT NULL, 
	person_id BIGINT, 
	target BIGINT NOT NULL, 
	name TEXT NOT NULL, 
	expires_at BIGINT NOT NULL, 
	revoked_at BIGINT, 
	CONSTRAINT pk_link PRIMARY KEY (hash), 
	CONSTRAINT ck_link_kind_known CHECK (kind = 'p' OR kind = 'd')
);

CREATE INDEX ix_link_target ON link (target);

CREATE TABLE outbox (
	id INTEGER NOT NULL, 
	lane BIGINT NOT NULL, 
	person_id BIGINT, 
	address_id BIGINT, 
	inbox_id BIGINT, 
	kind TEXT NOT NULL, 
	purpose TEXT NOT NULL, 
	policy TEXT NOT NULL, 
	"key" TEXT, 
	body BLOB, 
	state TEXT NOT NULL, 
	worker BIGINT, 
	attempts INTEGER NOT NULL, 
	due_at BIGINT NOT NULL, 
	expires_at BIGINT, 
	first_at BIGINT, 
	vendor_id TEXT, 
	vendor_state TEXT, 
	error TEXT, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_outbox PRIMARY KEY (id), 
	CONSTRAINT ck_outbox_kind_known CHECK (kind = 'message' OR kind = 'call'), 
	CONSTRAINT ck_outbox_policy_known CHECK (policy = 'repeat_ok' OR policy = 'ask_first'), 
	CONSTRAINT ck_outbox_purpose_known CHECK (purpose = 'reply' OR purpose = 'code' OR purpose = 'notice' OR purpose = 'nudge' OR purpose = 'offer' OR purpose = 'call'), 
	CONSTRAINT ck_outbox_state_known CHECK (state = 'ready' OR state = 'sending' OR state = 'sent' OR state = 'answered' OR state = 'unknown' OR state = 'dead' OR state = 'cancelled' OR state = 'expired' OR state = 'dropped')
);

CREATE INDEX ix_outbox_address ON outbox (address_id, at) WHERE vendor_id IS NOT NULL;

CREATE INDEX ix_outbox_dead ON outbox (id) WHERE state = 'dead';

CREATE INDEX ix_outbox_due ON outbox (due_at) WHERE state = 'ready';

CREATE INDEX ix_outbox_lane_open ON outbox (lane, id) WHERE state IN ('ready', 'sending');

CREATE INDEX ix_outbox_vendor ON outbox (vendor_id) WHERE vendor_id IS NOT NULL;

CREATE UNIQUE INDEX uq_outbox_key ON outbox ("key") WHERE key IS NOT NULL;

CREATE UNIQUE INDEX uq_outbox_lane_sending ON outbox (lane) WHERE state = 'sending';

CREATE TABLE periodic (
	kind TEXT NOT NULL, 
	period BIGINT NOT NULL, 
	worker BIGINT NOT NULL, 
	at BIGINT NOT NULL, 
	done_at BIGINT, 
	CONSTRAINT pk_periodic PRIMARY KEY (kind, period)
);

CREATE TABLE person (
	id INTEGER NOT NULL, 
	locale TEXT NOT NULL, 
	zone TEXT, 
	place TEXT, 
	staffed_until BIGINT, 
	created_at BIGINT NOT NULL, merged_into BIGINT, quiet_from INTEGER, quiet_to INTEGER, 
	CONSTRAINT pk_person PRIMARY KEY (id)
);

CREATE TABLE process (
	id INTEGER NOT NULL, 
	beat_at BIGINT NOT NULL, 
	clock_offset BIGINT DEFAULT '0' NOT NULL, 
	CONSTRAINT pk_process PRIMARY KEY (id)
);

CREATE TABLE suppression (
	hash BLOB NOT NULL, 
	source TEXT NOT NULL, 
	wording BLOB, 
	at BIGINT NOT NULL, 
	lifted_at BIGINT, 
	CONSTRAINT pk_suppression PRIMARY KEY (hash)
);

CREATE TABLE switch (
	name TEXT NOT NULL, 
	value TEXT NOT NULL, 
	actor TEXT NOT NULL, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_switch PRIMARY KEY (name)
);

CREATE TABLE timer (
	id INTEGER NOT NULL, 
	person_id BIGINT, 
	kind TEXT NOT NULL, 
	"key" TEXT NOT NULL, 
	body BLOB, 
	due_at BIGINT NOT NULL, 
	state TEXT NOT NULL, 
	CONSTRAINT pk_timer PRIMARY KEY (id), 
	CONSTRAINT ck_timer_state_known CHECK (state = 'set' OR state = 'fired' OR state = 'cancelled'), 
	CONSTRAINT uq_timer_key UNIQUE ("key")
);

CREATE INDEX ix_timer_due ON timer (due_at) WHERE state = 'set';

CREATE INDEX ix_timer_person ON timer (person_id, kind);

CREATE TABLE transcript (
	id INTEGER NOT NULL, 
	person_id BIGINT NOT NULL, 
	address_id BIGINT, 
	direction TEXT NOT NULL, 
	body BLOB, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_transcript PRIMARY KEY (id), 
	CONSTRAINT ck_transcript_direction_known CHECK (direction = 'in' OR direction = 'out')
);

CREATE INDEX ix_transcript_person ON transcript (person_id, id);

CREATE TABLE usage (
	person_id BIGINT NOT NULL, 
	kind TEXT NOT NULL, 
	period INTEGER NOT NULL, 
	used INTEGER NOT NULL, 
	CONSTRAINT pk_usage PRIMARY KEY (person_id, kind, period)
)
 WITHOUT ROWID;

CREATE TABLE address (
	id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	channel TEXT NOT NULL, 
	hash BLOB NOT NULL, 
	handle BLOB NOT NULL, 
	state TEXT NOT NULL, 
	last_in_at BIGINT, 
	failures INTEGER DEFAULT '0' NOT NULL, 
	created_at BIGINT NOT NULL, 
	CONSTRAINT pk_address PRIMARY KEY (id), 
	CONSTRAINT ck_address_channel_known CHECK (channel = 'telegram' OR channel = 'sms'), 
	CONSTRAINT ck_address_state_known CHECK (state = 'active' OR state = 'opted_out' OR state = 'frozen' OR state = 'unreachable'), 
	CONSTRAINT fk_address_person_id_person FOREIGN KEY(person_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED, 
	CONSTRAINT uq_address_hash UNIQUE (hash)
);

CREATE INDEX ix_address_person ON address (person_id, id);

CREATE TABLE appeal_case (
	id INTEGER NOT NULL, 
	code TEXT NOT NULL, 
	person_id INTEGER NOT NULL, 
	city_id TEXT, 
	record_version TEXT, 
	number BLOB, 
	number_hash BLOB, 
	number_status TEXT, 
	level INTEGER NOT NULL, 
	parent_id INTEGER, 
	stage TEXT NOT NULL, 
	reason TEXT, 
	facts BLOB NOT NULL, 
	deadline DATE, 
	rule_id TEXT, 
	mail_by_standard DATE, 
	mail_by_certified DATE, 
	return_state TEXT, 
	outcome TEXT, 
	decided_on DATE, 
	amount_before_minor BIGINT, 
	amount_after_minor BIGINT, 
	revision INTEGER NOT NULL, 
	created_at BIGINT NOT NULL, 
	stage_at BIGINT NOT NULL, 
	touched_at BIGINT NOT NULL, 
	CONSTRAINT pk_appeal_case PRIMARY KEY (id), 
	CONSTRAINT ck_appeal_case_outcome_known CHECK (outcome = 'won' OR outcome = 'reduced' OR outcome = 'lost' OR outcome = 'unknown'), 
	CONSTRAINT ck_appeal_case_stage_known CHECK (stage = 'intake' OR stage = 'review' OR stage = 'ready' OR stage = 'awaiting_payment' OR stage = 'paid' OR stage = 'paid_blocked' OR stage = 'submitted' OR stage = 'returned' OR stage = 'decided' OR stage = 'informed' OR stage = 'closed' OR stage = 'refunded' OR stage = 'abandoned' OR stage = 'withdrawn'), 
	CONSTRAINT fk_appeal_case_parent_id_appeal_case FOREIGN KEY(parent_id) REFERENCES appeal_case (id), 
	CONSTRAINT fk_appeal_case_person_id_person FOREIGN KEY(person_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED, 
	CONSTRAINT uq_appeal_case_code UNIQUE (code)
);

CREATE INDEX ix_appeal_case_city ON appeal_case (city_id, stage);

CREATE INDEX ix_appeal_case_number ON appeal_case (city_id, number_hash);

CREATE INDEX ix_appeal_case_person ON appeal_case (person_id, id);

CREATE INDEX ix_appeal_case_stage ON appeal_case (stage, stage_at);

CREATE UNIQUE INDEX uq_appeal_case_live ON appeal_case (person_id, city_id, number_hash, level) WHERE number_hash IS NOT NULL AND stage NOT IN ('closed', 'refunded', 'withdrawn');

CREATE TABLE consent (
	id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	hash BLOB NOT NULL, 
	kind TEXT NOT NULL, 
	wording TEXT NOT NULL, 
	source TEXT NOT NULL, 
	at BIGINT NOT NULL, 
	ended_at BIGINT, 
	CONSTRAINT pk_consent PRIMARY KEY (id), 
	CONSTRAINT ck_consent_kind_known CHECK (kind = 'conversation' OR kind = 'nudges' OR kind = 'offers'), 
	CONSTRAINT fk_consent_person_id_person FOREIGN KEY(person_id) REFERENCES person (id)
);

CREATE INDEX ix_consent_person ON consent (person_id, kind);

CREATE TABLE conversation (
	person_id INTEGER NOT NULL, 
	address_id BIGINT NOT NULL, 
	state BLOB NOT NULL, 
	newest BIGINT NOT NULL, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_conversation PRIMARY KEY (person_id), 
	CONSTRAINT fk_conversation_person_id_person FOREIGN KEY(person_id) REFERENCES person (id)
);

CREATE TABLE appeal_draft (
	id INTEGER NOT NULL, 
	case_id INTEGER NOT NULL, 
	version INTEGER NOT NULL, 
	facts BLOB NOT NULL, 
	document BLOB, 
	recipient BLOB, 
	sender BLOB, 
	record_version TEXT, 
	mailing_version TEXT, 
	mail_class TEXT, 
	pdf BIGINT, 
	pdf_sha256 TEXT, 
	pages INTEGER, 
	created_at BIGINT NOT NULL, 
	approved_at BIGINT, 
	approved_by BIGINT, 
	void_at BIGINT, 
	CONSTRAINT pk_appeal_draft PRIMARY KEY (id), 
	CONSTRAINT fk_appeal_draft_case_id_appeal_case FOREIGN KEY(case_id) REFERENCES appeal_case (id), 
	CONSTRAINT uq_appeal_draft_case_id_version UNIQUE (case_id, version)
);

CREATE TABLE appeal_evidence (
	id INTEGER NOT NULL, 
	case_id INTEGER NOT NULL, 
	kind TEXT NOT NULL, 
	checklist_item TEXT, 
	blob BIGINT NOT NULL, 
	sha256 TEXT NOT NULL, 
	media_type TEXT NOT NULL, 
	size INTEGER NOT NULL, 
	words BLOB NOT NULL, 
	letter TEXT NOT NULL, 
	included BOOLEAN NOT NULL, 
	status TEXT NOT NULL, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_appeal_evidence PRIMARY KEY (id), 
	CONSTRAINT ck_appeal_evidence_status_known CHECK (status = 'kept' OR status = 'deleted'), 
	CONSTRAINT fk_appeal_evidence_case_id_appeal_case FOREIGN KEY(case_id) REFERENCES appeal_case (id), 
	CONSTRAINT uq_appeal_evidence_case_id_sha256 UNIQUE (case_id, sha256)
);

CREATE TABLE appeal_followup (
	case_id INTEGER NOT NULL, 
	kind TEXT NOT NULL, 
	n INTEGER NOT NULL, 
	due BIGINT NOT NULL, 
	state TEXT NOT NULL, 
	answer TEXT, 
	CONSTRAINT pk_appeal_followup PRIMARY KEY (case_id, kind, n), 
	CONSTRAINT ck_appeal_followup_state_known CHECK (state = 'sent' OR state = 'answered'), 
	CONSTRAINT fk_appeal_followup_case_id_appeal_case FOREIGN KEY(case_id) REFERENCES appeal_case (id)
);

CREATE TABLE appeal_status_log (
	case_id INTEGER NOT NULL, 
	seq INTEGER NOT NULL, 
	at BIGINT NOT NULL, 
	axis TEXT NOT NULL, 
	was TEXT, 
	now TEXT NOT NULL, 
	rule TEXT, 
	actor TEXT NOT NULL, 
	cause BIGINT, 
	reason TEXT, 
	CONSTRAINT pk_appeal_status_log PRIMARY KEY (case_id, seq), 
	CONSTRAINT ck_appeal_status_log_axis_known CHECK (axis = 'stage' OR axis = 'payment' OR axis = 'letter' OR axis = 'refund' OR axis = 'outcome'), 
	CONSTRAINT fk_appeal_status_log_case_id_appeal_case FOREIGN KEY(case_id) REFERENCES appeal_case (id)
);

CREATE TABLE appeal_payment (
	id INTEGER NOT NULL, 
	case_id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	draft_id INTEGER NOT NULL, 
	mail_class TEXT NOT NULL, 
	amount_minor BIGINT NOT NULL, 
	tax_minor BIGINT NOT NULL, 
	total_minor BIGINT NOT NULL, 
	currency TEXT NOT NULL, 
	session_id TEXT, 
	intent TEXT, 
	url BLOB, 
	link BLOB, 
	status TEXT NOT NULL, 
	closing TEXT, 
	next_draft_id BIGINT, 
	expires_at BIGINT NOT NULL, 
	paid_at BIGINT, 
	charged_minor BIGINT NOT NULL, 
	refunded_minor BIGINT NOT NULL, 
	disputed BOOLEAN NOT NULL, 
	waives_mail_by BOOLEAN NOT NULL, 
	receipt TEXT, 
	terms_version TEXT, 
	terms_at BIGINT, 
	created_at BIGINT NOT NULL, discount_minor BIGINT DEFAULT '0' NOT NULL, failures INTEGER DEFAULT '0' NOT NULL, failure_code TEXT, method TEXT, 
	CONSTRAINT pk_appeal_payment PRIMARY KEY (id), 
	CONSTRAINT ck_appeal_payment_mail_class_known CHECK (mail_class = 'standard' OR mail_class = 'certified'), 
	CONSTRAINT ck_appeal_payment_status_known CHECK (status = 'created' OR status = 'open' OR status = 'processing' OR status = 'paid' OR status = 'expired' OR status = 'failed' OR status = 'refund_pending' OR status = 'partially_refunded' OR status = 'refunded'), 
	CONSTRAINT ck_appeal_payment_refunds_within_charge CHECK (refunded_minor <= charged_minor), 
	CONSTRAINT fk_appeal_payment_case_id_appeal_case FOREIGN KEY(case_id) REFERENCES appeal_case (id), 
	CONSTRAINT fk_appeal_payment_draft_id_appeal_draft FOREIGN KEY(draft_id) REFERENCES appeal_draft (id), 
	CONSTRAINT fk_appeal_payment_person_id_person FOREIGN KEY(person_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED, 
	CONSTRAINT uq_appeal_payment_receipt UNIQUE (receipt), 
	CONSTRAINT uq_appeal_payment_session_id UNIQUE (session_id)
);

CREATE INDEX ix_appeal_payment_case ON appeal_payment (case_id, id);

CREATE INDEX ix_appeal_payment_intent ON appeal_payment (intent);

CREATE INDEX ix_appeal_payment_person ON appeal_payment (person_id, id);

CREATE INDEX ix_appeal_payment_status ON appeal_payment (status, created_at);

CREATE UNIQUE INDEX uq_appeal_payment_open ON appeal_payment (case_id) WHERE status IN ('created', 'open', 'processing');

CREATE TABLE appeal_letter (
	id INTEGER NOT NULL, 
	payment_id INTEGER NOT NULL, 
	seq INTEGER NOT NULL, 
	case_id INTEGER NOT NULL, 
	draft_id INTEGER NOT NULL, 
	pdf_sha256 TEXT NOT NULL, 
	mail_class TEXT NOT NULL, 
	recipient BLOB NOT NULL, 
	sender BLOB NOT NULL, 
	status TEXT NOT NULL, 
	token TEXT, 
	claimed_at BIGINT, 
	first_attempt_at BIGINT, 
	attempts INTEGER NOT NULL, 
	lob_id TEXT, 
	test_mode BOOLEAN, 
	tracking BLOB, 
	expected_delivery DATE, 
	rank INTEGER NOT NULL, 
	last_event TEXT, 
	error_code TEXT, 
	accepted_at BIGINT, 
	delivered_at BIGINT, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_appeal_letter PRIMARY KEY (id), 
	CONSTRAINT ck_appeal_letter_status_known CHECK (status = 'queued' OR status = 'sending' OR status = 'accepted' OR status = 'rendered' OR status = 'mailed' OR status = 'in_transit' OR status = 'in_local_area' OR status = 'processed_for_delivery' OR status = 're_routed' OR status = 'delivered' OR status = 'returned' OR status = 'retry' OR status = 'unknown' OR status = 'blocked' OR status = 'failed' OR status = 'cancelled'), 
	CONSTRAINT fk_appeal_letter_case_id_appeal_case FOREIGN KEY(case_id) REFERENCES appeal_case (id), 
	CONSTRAINT fk_appeal_letter_draft_id_appeal_draft FOREIGN KEY(draft_id) REFERENCES appeal_draft (id), 
	CONSTRAINT fk_appeal_letter_payment_id_appeal_payment FOREIGN KEY(payment_id) REFERENCES appeal_payment (id), 
	CONSTRAINT uq_appeal_letter_lob_id UNIQUE (lob_id), 
	CONSTRAINT uq_appeal_letter_payment_id_seq UNIQUE (payment_id, seq)
);

CREATE INDEX ix_appeal_letter_case ON appeal_letter (case_id, id);

CREATE INDEX ix_appeal_letter_status ON appeal_letter (status, id);

CREATE TABLE appeal_refund (
	id INTEGER NOT NULL, 
	payment_id INTEGER NOT NULL, 
	seq INTEGER NOT NULL, 
	amount_minor BIGINT NOT NULL, 
	reason TEXT NOT NULL, 
	stripe_id TEXT, 
	status TEXT NOT NULL, 
	requested_by TEXT NOT NULL, 
	approved_by TEXT, 
	at BIGINT NOT NULL, 
	settled_at BIGINT, note BLOB, 
	CONSTRAINT pk_appeal_refund PRIMARY KEY (id), 
	CONSTRAINT ck_appeal_refund_status_known CHECK (status = 'requested' OR status = 'pending' OR status = 'succeeded' OR status = 'failed'), 
	CONSTRAINT ck_appeal_refund_amount_positive CHECK (amount_minor > 0), 
	CONSTRAINT fk_appeal_refund_payment_id_appeal_payment FOREIGN KEY(payment_id) REFERENCES appeal_payment (id), 
	CONSTRAINT uq_appeal_refund_payment_id_seq UNIQUE (payment_id, seq), 
	CONSTRAINT uq_appeal_refund_stripe_id UNIQUE (stripe_id)
);

CREATE TABLE ledger_word (
	person_id BIGINT NOT NULL, 
	word BIGINT NOT NULL, 
	date DATE NOT NULL, 
	transaction_id BIGINT NOT NULL, 
	CONSTRAINT pk_ledger_word PRIMARY KEY (person_id, word, date, transaction_id)
)
 WITHOUT ROWID;

CREATE INDEX ix_ledger_word_transaction ON ledger_word (person_id, transaction_id);

CREATE TABLE ledger_account (
	id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	kind TEXT NOT NULL, 
	last4 BLOB, 
	account_hash BLOB NOT NULL, 
	name BLOB NOT NULL, 
	currency TEXT, 
	balance_minor BIGINT, 
	balance_at BIGINT, 
	CONSTRAINT pk_ledger_account PRIMARY KEY (id), 
	CONSTRAINT ck_ledger_account_kind_known CHECK (kind = 'cash' OR kind = 'card' OR kind = 'bank'), 
	CONSTRAINT fk_ledger_account_person_id_person FOREIGN KEY(person_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE UNIQUE INDEX uq_ledger_account_hash ON ledger_account (person_id, account_hash);

CREATE TABLE ledger_book (
	person_id INTEGER NOT NULL, 
	revision BIGINT NOT NULL, 
	CONSTRAINT pk_ledger_book PRIMARY KEY (person_id), 
	CONSTRAINT fk_ledger_book_person_id_person FOREIGN KEY(person_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE ledger_budget (
	id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	category_id BIGINT NOT NULL, 
	period TEXT NOT NULL, 
	currency TEXT NOT NULL, 
	amount_minor BIGINT NOT NULL, 
	rollover BOOLEAN NOT NULL, 
	since DATE NOT NULL, 
	CONSTRAINT pk_ledger_budget PRIMARY KEY (id), 
	CONSTRAINT ck_ledger_budget_period_known CHECK (period = 'week' OR period = 'month'), 
	CONSTRAINT ck_ledger_budget_amount_positive CHECK (amount_minor > 0), 
	CONSTRAINT fk_ledger_budget_person_id_person FOREIGN KEY(person_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE UNIQUE INDEX uq_ledger_budget_scope ON ledger_budget (person_id, category_id, period, currency);

CREATE TABLE ledger_budget_alert (
	person_id INTEGER NOT NULL, 
	budget_id BIGINT NOT NULL, 
	start DATE NOT NULL, 
	percent INTEGER NOT NULL, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_ledger_budget_alert PRIMARY KEY (person_id, budget_id, start, percent), 
	CONSTRAINT fk_ledger_budget_alert_person_id_person FOREIGN KEY(person_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE ledger_category (
	id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	parent_id BIGINT NOT NULL, 
	"key" TEXT, 
	name BLOB NOT NULL, 
	name_hash BLOB NOT NULL, 
	kind TEXT NOT NULL, 
	icon TEXT, 
	colour TEXT, 
	hidden BOOLEAN NOT NULL, 
	position INTEGER NOT NULL, 
	CONSTRAINT pk_ledger_category PRIMARY KEY (id), 
	CONSTRAINT ck_ledger_category_kind_known CHECK (kind = 'expense' OR kind = 'income' OR kind = 'transfer'), 
	CONSTRAINT fk_ledger_category_person_id_person FOREIGN KEY(person_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE UNIQUE INDEX uq_ledger_category_key ON ledger_category (person_id, "key");

CREATE UNIQUE INDEX uq_ledger_category_name ON ledger_category (person_id, parent_id, name_hash);

CREATE TABLE ledger_lesson (
	id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	pattern_hash BLOB NOT NULL, 
	category_id BIGINT, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_ledger_lesson PRIMARY KEY (id), 
	CONSTRAINT fk_ledger_lesson_person_id_person FOREIGN KEY(person_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE INDEX ix_ledger_lesson_pattern ON ledger_lesson (person_id, pattern_hash, id);

CREATE TABLE ledger_part (
	person_id INTEGER NOT NULL, 
	transaction_id BIGINT NOT NULL, 
	seq INTEGER NOT NULL, 
	date DATE NOT NULL, 
	category_id BIGINT, 
	amount_minor BIGINT NOT NULL, 
	CONSTRAINT pk_ledger_part PRIMARY KEY (person_id, transaction_id, seq), 
	CONSTRAINT fk_ledger_part_person_id_person FOREIGN KEY(person_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE INDEX ix_ledger_part_category ON ledger_part (person_id, category_id, date);

CREATE INDEX ix_ledger_part_date ON ledger_part (person_id, date);

CREATE TABLE ledger_rule (
	id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	kind TEXT NOT NULL, 
	pattern_hash BLOB NOT NULL, 
	pattern BLOB NOT NULL, 
	category_id BIGINT, 
	"rename" BLOB, 
	tags BLOB, 
	learnt BOOLEAN NOT NULL, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_ledger_rule PRIMARY KEY (id), 
	CONSTRAINT ck_ledger_rule_kind_known CHECK (kind = 'merchant' OR kind = 'text' OR kind = 'alias'), 
	CONSTRAINT fk_ledger_rule_person_id_person FOREIGN KEY(person_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE INDEX ix_ledger_rule_category ON ledger_rule (person_id, category_id);

CREATE UNIQUE INDEX uq_ledger_rule_pattern ON ledger_rule (person_id, kind, pattern_hash);

CREATE TABLE ledger_total (
	person_id INTEGER NOT NULL, 
	grain TEXT NOT NULL, 
	start DATE NOT NULL, 
	currency TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	state TEXT NOT NULL, 
	category_id BIGINT NOT NULL, 
	entries INTEGER NOT NULL, 
	amount_minor BIGINT NOT NULL, 
	most_minor BIGINT NOT NULL, 
	CONSTRAINT pk_ledger_total PRIMARY KEY (person_id, grain, start, currency, kind, state, category_id), 
	CONSTRAINT ck_ledger_total_grain_known CHECK (grain = 'month' OR grain = 'year'), 
	CONSTRAINT fk_ledger_total_person_id_person FOREIGN KEY(person_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED
)
 WITHOUT ROWID;

CREATE TABLE ledger_transaction (
	id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	date DATE NOT NULL, 
	minute INTEGER, 
	amount_minor BIGINT NOT NULL, 
	size_milli BIGINT NOT NULL, 
	currency TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	state TEXT NOT NULL, 
	category_id BIGINT, 
	split BOOLEAN NOT NULL, 
	account_id BIGINT, 
	receipt_id BIGINT, 
	source_id BIGINT, 
	bank_line_id BIGINT, 
	pictured BOOLEAN NOT NULL, 
	merchant_hash BLOB, 
	body BLOB NOT NULL, 
	revision INTEGER NOT NULL, 
	updated_at BIGINT NOT NULL, 
	CONSTRAINT pk_ledger_transaction PRIMARY KEY (id), 
	CONSTRAINT ck_ledger_transaction_kind_known CHECK (kind = 'expense' OR kind = 'refund' OR kind = 'income' OR kind = 'transfer'), 
	CONSTRAINT ck_ledger_transaction_state_known CHECK (state = 'pending' OR state = 'posted' OR state = 'void'), 
	CONSTRAINT fk_ledger_transaction_person_id_person FOREIGN KEY(person_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE INDEX ix_ledger_transaction_amount ON ledger_transaction (person_id, amount_minor, currency, kind, date);

CREATE INDEX ix_ledger_transaction_category ON ledger_transaction (person_id, category_id, date, id, state, kind, currency, amount_minor, size_milli, pictured, receipt_id, account_id, split);

CREATE INDEX ix_ledger_transaction_date ON ledger_transaction (person_id, date, id, category_id, state, kind, currency, amount_minor, size_milli, pictured, receipt_id, account_id, split);

CREATE INDEX ix_ledger_transaction_merchant ON ledger_transaction (person_id, merchant_hash, date, id);

CREATE INDEX ix_ledger_transaction_receipt ON ledger_transaction (person_id, receipt_id);

CREATE UNIQUE INDEX uq_ledger_transaction_cash_back ON ledger_transaction (person_id, receipt_id) WHERE receipt_id IS NOT NULL AND kind = 'transfer';

CREATE UNIQUE INDEX uq_ledger_transaction_receipt ON ledger_transaction (person_id, receipt_id) WHERE receipt_id IS NOT NULL AND kind <> 'transfer';

CREATE TABLE receipt (
	id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	code TEXT NOT NULL, 
	state TEXT NOT NULL, 
	source_id BIGINT, 
	fields BLOB NOT NULL, 
	date DATE, 
	minute INTEGER, 
	currency TEXT, 
	total_minor BIGINT, 
	merchant_hash BLOB, 
	number_hash BLOB, 
	confidence_percent INTEGER, 
	older_id BIGINT, 
	revision INTEGER NOT NULL, 
	created_at BIGINT NOT NULL, 
	state_at BIGINT NOT NULL, phone_hash BLOB, 
	CONSTRAINT pk_receipt PRIMARY KEY (id), 
	CONSTRAINT ck_receipt_state_known CHECK (state = 'draft' OR state = 'needs_review' OR state = 'confirmed' OR state = 'rejected' OR state = 'failed'), 
	CONSTRAINT fk_receipt_person_id_person FOREIGN KEY(person_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE INDEX ix_receipt_merchant ON receipt (person_id, merchant_hash, date);

CREATE INDEX ix_receipt_number ON receipt (person_id, number_hash);

CREATE INDEX ix_receipt_state ON receipt (person_id, state, id);

CREATE INDEX ix_receipt_total ON receipt (person_id, total_minor, currency);

CREATE UNIQUE INDEX uq_receipt_code ON receipt (person_id, code);

CREATE TABLE receipt_different (
	person_id INTEGER NOT NULL, 
	older_id BIGINT NOT NULL, 
	newer_id BIGINT NOT NULL, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_receipt_different PRIMARY KEY (person_id, older_id, newer_id), 
	CONSTRAINT fk_receipt_different_person_id_person FOREIGN KEY(person_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE receipt_document (
	id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	source_id BIGINT, 
	receipt_id BIGINT, 
	page_order INTEGER NOT NULL, 
	content_hash BLOB NOT NULL, 
	perceptual_hash BIGINT, 
	media_type TEXT NOT NULL, 
	size INTEGER NOT NULL, 
	pages INTEGER NOT NULL, 
	blob_id BIGINT NOT NULL, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_receipt_document PRIMARY KEY (id), 
	CONSTRAINT fk_receipt_document_person_id_person FOREIGN KEY(person_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE INDEX ix_receipt_document_receipt ON receipt_document (person_id, receipt_id, page_order);

CREATE UNIQUE INDEX uq_receipt_document_content ON receipt_document (person_id, content_hash);

CREATE TABLE receipt_history (
	id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	receipt_id BIGINT NOT NULL, 
	act TEXT NOT NULL, 
	"before" BLOB NOT NULL, 
	at BIGINT NOT NULL, 
	undone_at BIGINT, 
	CONSTRAINT pk_receipt_history PRIMARY KEY (id), 
	CONSTRAINT ck_receipt_history_act_known CHECK (act = 'confirm' OR act = 'edit' OR act = 'delete'), 
	CONSTRAINT fk_receipt_history_person_id_person FOREIGN KEY(person_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE INDEX ix_receipt_history_receipt ON receipt_history (person_id, receipt_id, id);

CREATE TABLE receipt_line_item (
	person_id INTEGER NOT NULL, 
	receipt_id BIGINT NOT NULL, 
	seq INTEGER NOT NULL, 
	kind TEXT NOT NULL, 
	amount_minor BIGINT, 
	category_id BIGINT, 
	body BLOB NOT NULL, 
	CONSTRAINT pk_receipt_line_item PRIMARY KEY (person_id, receipt_id, seq), 
	CONSTRAINT ck_receipt_line_item_kind_known CHECK (kind = 'item' OR kind = 'tax'), 
	CONSTRAINT fk_receipt_line_item_person_id_person FOREIGN KEY(person_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE receipt_reading (
	id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	document_id BIGINT NOT NULL, 
	reader TEXT NOT NULL, 
	version TEXT NOT NULL, 
	body BLOB, 
	cost_micros BIGINT NOT NULL, 
	duration_ms INTEGER, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_receipt_reading PRIMARY KEY (id), 
	CONSTRAINT ck_receipt_reading_reader_known CHECK (reader = 'rule' OR reader = 'local_ocr' OR reader = 'claude' OR reader = 'google_vision'), 
	CONSTRAINT fk_receipt_reading_person_id_person FOREIGN KEY(person_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE UNIQUE INDEX uq_receipt_reading_once ON receipt_reading (person_id, document_id, reader, version);

CREATE TABLE receipt_source (
	id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	kind TEXT NOT NULL, 
	provider_hash BLOB NOT NULL, 
	media_index INTEGER NOT NULL, 
	received_at BIGINT NOT NULL, 
	CONSTRAINT pk_receipt_source PRIMARY KEY (id), 
	CONSTRAINT ck_receipt_source_kind_known CHECK (kind = 'photo' OR kind = 'mms' OR kind = 'pdf' OR kind = 'text' OR kind = 'voice' OR kind = 'bank_text' OR kind = 'email' OR kind = 'mailbox' OR kind = 'bank' OR kind = 'api' OR kind = 'import'), 
	CONSTRAINT fk_receipt_source_person_id_person FOREIGN KEY(person_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE UNIQUE INDEX uq_receipt_source_provider ON receipt_source (person_id, kind, provider_hash, media_index);

CREATE TABLE receipt_preference (
	person_id INTEGER NOT NULL, 
	currency TEXT, 
	country TEXT, 
	week_start INTEGER NOT NULL, 
	auto BOOLEAN NOT NULL, 
	cloud TEXT NOT NULL, 
	dark BOOLEAN NOT NULL, 
	CONSTRAINT pk_receipt_preference PRIMARY KEY (person_id), 
	CONSTRAINT ck_receipt_preference_cloud_known CHECK (cloud = 'ask' OR cloud = 'on' OR cloud = 'off'), 
	CONSTRAINT fk_receipt_preference_person_id_person FOREIGN KEY(person_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE receipt_digest (
	person_id INTEGER NOT NULL, 
	kind TEXT NOT NULL, 
	unanswered INTEGER NOT NULL, 
	asked BOOLEAN NOT NULL, 
	sent_at BIGINT, 
	CONSTRAINT pk_receipt_digest PRIMARY KEY (person_id), 
	CONSTRAINT ck_receipt_digest_kind_known CHECK (kind = 'daily' OR kind = 'weekly' OR kind = 'monthly'), 
	CONSTRAINT fk_receipt_digest_person_id_person FOREIGN KEY(person_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE receipt_reminder (
	person_id INTEGER NOT NULL, 
	receipt_id BIGINT NOT NULL, 
	kind TEXT NOT NULL, 
	day DATE NOT NULL, 
	CONSTRAINT pk_receipt_reminder PRIMARY KEY (person_id, receipt_id, kind), 
	CONSTRAINT ck_receipt_reminder_kind_known CHECK (kind = 'return' OR kind = 'warranty'), 
	CONSTRAINT fk_receipt_reminder_person_id_person FOREIGN KEY(person_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE ledger_series (
	id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	merchant_hash BLOB NOT NULL, 
	state TEXT NOT NULL, 
	every TEXT NOT NULL, 
	currency TEXT NOT NULL, 
	amount_minor BIGINT NOT NULL, 
	last_on DATE NOT NULL, 
	missed INTEGER NOT NULL, 
	body BLOB NOT NULL, 
	CONSTRAINT pk_ledger_series PRIMARY KEY (id), 
	CONSTRAINT ck_ledger_series_state_known CHECK (state = 'offered' OR state = 'tracked' OR state = 'ended'), 
	CONSTRAINT ck_ledger_series_every_known CHECK (every = 'week' OR every = 'month' OR every = 'year'), 
	CONSTRAINT fk_ledger_series_person_id_person FOREIGN KEY(person_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE UNIQUE INDEX uq_ledger_series_merchant ON ledger_series (person_id, merchant_hash);

CREATE INDEX ix_receipt_document_blob ON receipt_document (person_id, blob_id);

CREATE INDEX ix_receipt_document_unread ON receipt_document (person_id, at) WHERE receipt_id IS NULL;

CREATE INDEX ix_receipt_rejected ON receipt (person_id, state_at) WHERE state = 'rejected';

CREATE INDEX ix_receipt_failed ON receipt (person_id, state_at) WHERE state = 'failed';

CREATE TABLE bank_account (
	person_id INTEGER NOT NULL, 
	vendor_hash BLOB NOT NULL, 
	item_id BIGINT NOT NULL, 
	account_id BIGINT NOT NULL, 
	CONSTRAINT pk_bank_account PRIMARY KEY (person_id, vendor_hash), 
	CONSTRAINT fk_bank_account_person_id_person FOREIGN KEY(person_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE INDEX ix_bank_account_item ON bank_account (person_id, item_id);

CREATE TABLE bank_alias (
	person_id INTEGER NOT NULL, 
	line_name_hash BLOB NOT NULL, 
	merchant_hash BLOB NOT NULL, 
	CONSTRAINT pk_bank_alias PRIMARY KEY (person_id, line_name_hash, merchant_hash), 
	CONSTRAINT fk_bank_alias_person_id_person FOREIGN KEY(person_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE bank_item (
	id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	state TEXT NOT NULL, 
	institution BLOB NOT NULL, 
	token_blob BIGINT, 
	cursor BLOB, 
	days INTEGER NOT NULL, 
	linked_on DATE NOT NULL, 
	consent TEXT NOT NULL, 
	consent_at BIGINT NOT NULL, 
	lease BIGINT, 
	lease_until BIGINT, 
	is_wanted BOOLEAN NOT NULL, 
	synced_at BIGINT, 
	asked_at BIGINT, 
	CONSTRAINT pk_bank_item PRIMARY KEY (id), 
	CONSTRAINT ck_bank_item_state_known CHECK (state = 'good' OR state = 'needs_login' OR state = 'revoked' OR state = 'disabled'), 
	CONSTRAINT fk_bank_item_person_id_person FOREIGN KEY(person_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE INDEX ix_bank_item_state ON bank_item (person_id, state);

CREATE TABLE bank_line (
	id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	item_id BIGINT NOT NULL, 
	line_hash BLOB NOT NULL, 
	state TEXT NOT NULL, 
	date DATE NOT NULL, 
	amount_minor BIGINT NOT NULL, 
	currency TEXT NOT NULL, 
	account_id BIGINT, 
	receipt_id BIGINT, 
	is_history BOOLEAN NOT NULL, 
	body BLOB NOT NULL, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_bank_line PRIMARY KEY (id), 
	CONSTRAINT ck_bank_line_state_known CHECK (state = 'pending' OR state = 'posted' OR state = 'void' OR state = 'replaced'), 
	CONSTRAINT fk_bank_line_person_id_person FOREIGN KEY(person_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE INDEX ix_bank_line_item ON bank_line (person_id, item_id);

CREATE INDEX ix_bank_line_receipt ON bank_line (person_id, receipt_id);

CREATE INDEX ix_bank_line_state ON bank_line (person_id, state, date);

CREATE UNIQUE INDEX uq_bank_line_hash ON bank_line (person_id, line_hash);

CREATE TABLE bank_link (
	id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	item_id BIGINT, 
	days INTEGER NOT NULL, 
	state TEXT NOT NULL, 
	token BLOB, 
	url BLOB, 
	page BLOB, 
	at BIGINT NOT NULL, 
	expires_at BIGINT NOT NULL, 
	CONSTRAINT pk_bank_link PRIMARY KEY (id), 
	CONSTRAINT ck_bank_link_state_known CHECK (state = 'asked' OR state = 'open' OR state = 'exchanging' OR state = 'linked' OR state = 'failed'), 
	CONSTRAINT fk_bank_link_person_id_person FOREIGN KEY(person_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE INDEX ix_bank_link_state ON bank_link (person_id, state, id);

CREATE TABLE bank_pair (
	person_id INTEGER NOT NULL, 
	line_id BIGINT NOT NULL, 
	receipt_id BIGINT NOT NULL, 
	verdict TEXT NOT NULL, 
	how TEXT NOT NULL, 
	score INTEGER NOT NULL, 
	tip_minor BIGINT NOT NULL, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_bank_pair PRIMARY KEY (person_id, line_id, receipt_id), 
	CONSTRAINT ck_bank_pair_verdict_known CHECK (verdict = 'asked' OR verdict = 'matched' OR verdict = 'yes' OR verdict = 'no' OR verdict = 'gone'), 
	CONSTRAINT fk_bank_pair_person_id_person FOREIGN KEY(person_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE INDEX ix_bank_pair_receipt ON bank_pair (person_id, receipt_id);

CREATE INDEX ix_bank_pair_verdict ON bank_pair (person_id, verdict, at);

CREATE TABLE bank_reference (
	hash BLOB NOT NULL, 
	person_id INTEGER NOT NULL, 
	kind TEXT NOT NULL, 
	target BIGINT NOT NULL, 
	CONSTRAINT pk_bank_reference PRIMARY KEY (hash), 
	CONSTRAINT ck_bank_reference_kind_known CHECK (kind = 'link' OR kind = 'item'), 
	CONSTRAINT fk_bank_reference_person_id_person FOREIGN KEY(person_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE INDEX ix_bank_reference_target ON bank_reference (person_id, target);

CREATE INDEX ix_ledger_transaction_bank_line ON ledger_transaction (person_id, bank_line_id) WHERE bank_line_id IS NOT NULL;

CREATE TABLE mail_address (
	person_id INTEGER NOT NULL, 
	local_hash BLOB NOT NULL, 
	local BLOB NOT NULL, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_mail_address PRIMARY KEY (person_id), 
	CONSTRAINT fk_mail_address_person_id_person FOREIGN KEY(person_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED, 
	CONSTRAINT uq_mail_address_local_hash UNIQUE (local_hash)
);

CREATE TABLE mail_consent (
	id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	address_id BIGINT NOT NULL, 
	link_hash BLOB NOT NULL, 
	state_hash BLOB, 
	cookie_hash BLOB, 
	verifier BLOB, 
	expires_at BIGINT NOT NULL, 
	used_at BIGINT, 
	CONSTRAINT pk_mail_consent PRIMARY KEY (id), 
	CONSTRAINT fk_mail_consent_person_id_person FOREIGN KEY(person_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED, 
	CONSTRAINT uq_mail_consent_link_hash UNIQUE (link_hash), 
	CONSTRAINT uq_mail_consent_state_hash UNIQUE (state_hash)
);

CREATE INDEX ix_mail_consent_person ON mail_consent (person_id, expires_at);

CREATE TABLE mail_import (
	person_id INTEGER NOT NULL, 
	mailbox_id BIGINT NOT NULL, 
	receipt_id BIGINT NOT NULL, 
	CONSTRAINT pk_mail_import PRIMARY KEY (person_id, mailbox_id, receipt_id), 
	CONSTRAINT fk_mail_import_person_id_person FOREIGN KEY(person_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE mail_quarantine (
	id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	message_hash BLOB NOT NULL, 
	sender BLOB NOT NULL, 
	own BOOLEAN NOT NULL, 
	why TEXT NOT NULL, 
	blob_id BIGINT NOT NULL, 
	state TEXT NOT NULL, 
	at BIGINT NOT NULL, draft BLOB, 
	CONSTRAINT pk_mail_quarantine PRIMARY KEY (id), 
	CONSTRAINT ck_mail_quarantine_state_known CHECK (state = 'waiting' OR state = 'kept' OR state = 'dropped'), 
	CONSTRAINT ck_mail_quarantine_why_known CHECK (why = 'sender' OR why = 'failed' OR why = 'unproven'), 
	CONSTRAINT fk_mail_quarantine_person_id_person FOREIGN KEY(person_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE INDEX ix_mail_quarantine_state ON mail_quarantine (person_id, state, id);

CREATE UNIQUE INDEX uq_mail_quarantine_message ON mail_quarantine (person_id, message_hash);

CREATE TABLE mail_seen (
	person_id INTEGER NOT NULL, 
	message_hash BLOB NOT NULL, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_mail_seen PRIMARY KEY (person_id, message_hash), 
	CONSTRAINT fk_mail_seen_person_id_person FOREIGN KEY(person_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE mail_sender (
	person_id INTEGER NOT NULL, 
	address_hash BLOB NOT NULL, 
	address BLOB NOT NULL, 
	own BOOLEAN NOT NULL, 
	at BIGINT NOT NULL, verified_at BIGINT, muted_at BIGINT, copies_at BIGINT, 
	CONSTRAINT pk_mail_sender PRIMARY KEY (person_id, address_hash), 
	CONSTRAINT fk_mail_sender_person_id_person FOREIGN KEY(person_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE mailbox (
	id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	kind TEXT NOT NULL, 
	address_hash BLOB NOT NULL, 
	address BLOB NOT NULL, 
	secret_blob BIGINT, 
	cursor TEXT NOT NULL, 
	state TEXT NOT NULL, 
	next_at BIGINT NOT NULL, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_mailbox PRIMARY KEY (id), 
	CONSTRAINT ck_mailbox_kind_known CHECK (kind = 'imap' OR kind = 'gmail'), 
	CONSTRAINT ck_mailbox_state_known CHECK (state = 'good' OR state = 'needs_login' OR state = 'revoked'), 
	CONSTRAINT fk_mailbox_person_id_person FOREIGN KEY(person_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE INDEX ix_mailbox_next ON mailbox (state, next_at);

CREATE UNIQUE INDEX uq_mailbox_address ON mailbox (person_id, kind, address_hash);

CREATE TABLE api_token (
	id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	hash BLOB NOT NULL, 
	prefix TEXT NOT NULL, 
	name BLOB NOT NULL, 
	writes BOOLEAN NOT NULL, 
	made_at BIGINT NOT NULL, 
	expires_at BIGINT NOT NULL, 
	dropped_at BIGINT, 
	used_at BIGINT, scopes TEXT DEFAULT 'receipts' NOT NULL, networks BLOB, 
	CONSTRAINT pk_api_token PRIMARY KEY (id), 
	CONSTRAINT fk_api_token_person_id_person FOREIGN KEY(person_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE UNIQUE INDEX uq_api_token_number ON api_token (person_id, number);

CREATE UNIQUE INDEX uq_api_token_hash ON api_token (hash);

CREATE TABLE api_reply (
	person_id INTEGER NOT NULL, 
	key_hash BLOB NOT NULL, 
	asked BLOB NOT NULL, 
	status INTEGER NOT NULL, 
	body BLOB NOT NULL, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_api_reply PRIMARY KEY (person_id, key_hash), 
	CONSTRAINT fk_api_reply_person_id_person FOREIGN KEY(person_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE ledger_export (
	id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	kind TEXT NOT NULL, 
	state TEXT NOT NULL, 
	start DATE, 
	"end" DATE, 
	fresh BOOLEAN NOT NULL, 
	mark_revision INTEGER NOT NULL, 
	code BLOB, 
	tries INTEGER NOT NULL, 
	sent BLOB, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_ledger_export PRIMARY KEY (id), 
	CONSTRAINT ck_ledger_export_state_known CHECK (state = 'making' OR state = 'made' OR state = 'ended' OR state = 'locked'), 
	CONSTRAINT fk_ledger_export_person_id_person FOREIGN KEY(person_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE INDEX ix_ledger_export_person ON ledger_export (person_id, id);

CREATE UNIQUE INDEX uq_ledger_export_open ON ledger_export (person_id, kind) WHERE state = 'making';

CREATE TABLE ledger_export_file (
	person_id INTEGER NOT NULL, 
	export_id BIGINT NOT NULL, 
	seq INTEGER NOT NULL, 
	blob_id BIGINT NOT NULL, 
	name TEXT NOT NULL, 
	media_type TEXT NOT NULL, 
	size INTEGER NOT NULL, 
	taken_at BIGINT, 
	CONSTRAINT pk_ledger_export_file PRIMARY KEY (person_id, export_id, seq), 
	CONSTRAINT fk_ledger_export_file_person_id_person FOREIGN KEY(person_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE ledger_export_mark (
	person_id INTEGER NOT NULL, 
	kind TEXT NOT NULL, 
	blob_id BIGINT NOT NULL, 
	revision INTEGER NOT NULL, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_ledger_export_mark PRIMARY KEY (person_id, kind), 
	CONSTRAINT fk_ledger_export_mark_person_id_person FOREIGN KEY(person_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE ledger_external (
	person_id INTEGER NOT NULL, 
	thing TEXT NOT NULL, 
	hash BLOB NOT NULL, 
	row_id BIGINT NOT NULL, 
	name BLOB NOT NULL, 
	shown BOOLEAN NOT NULL, 
	CONSTRAINT pk_ledger_external PRIMARY KEY (person_id, thing, hash), 
	CONSTRAINT ck_ledger_external_thing_known CHECK (thing = 'entry' OR thing = 'category' OR thing = 'account' OR thing = 'rule' OR thing = 'budget' OR thing = 'picture'), 
	CONSTRAINT fk_ledger_external_person_id_person FOREIGN KEY(person_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE INDEX ix_ledger_external_row ON ledger_external (person_id, thing, row_id);

CREATE TABLE ledger_connection (
	person_id INTEGER NOT NULL, 
	kind TEXT NOT NULL, 
	body BLOB NOT NULL, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_ledger_connection PRIMARY KEY (person_id, kind), 
	CONSTRAINT ck_ledger_connection_kind_known CHECK (kind = 'firefly' OR kind = 'actual'), 
	CONSTRAINT fk_ledger_connection_person_id_person FOREIGN KEY(person_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE ledger_month (
	person_id INTEGER NOT NULL, 
	start DATE NOT NULL, 
	revision BIGINT NOT NULL, 
	CONSTRAINT pk_ledger_month PRIMARY KEY (person_id, start), 
	CONSTRAINT fk_ledger_month_person_id_person FOREIGN KEY(person_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED
)
 WITHOUT ROWID;

CREATE INDEX ix_ledger_month_revision ON ledger_month (person_id, revision, start);

CREATE TABLE coach_profile (
	person_id INTEGER NOT NULL, 
	primary_platform TEXT, 
	follower_count BIGINT, 
	hours_per_week INTEGER, 
	engagement_bps INTEGER, 
	engagement_comparison TEXT, 
	avg_views BIGINT, 
	posts_per_week INTEGER, 
	repeat_commenters INTEGER, 
	words BLOB, 
	tone TEXT NOT NULL, 
	currency TEXT, 
	locale TEXT, 
	checkin_every TEXT NOT NULL, 
	checkin_day INTEGER NOT NULL, 
	checkin_hour INTEGER NOT NULL, 
	quiet_from INTEGER, 
	quiet_to INTEGER, 
	model_allowed BOOLEAN NOT NULL, 
	greeted_at BIGINT, 
	created_at BIGINT NOT NULL, 
	changed_at BIGINT NOT NULL, 
	CONSTRAINT pk_coach_profile PRIMARY KEY (person_id), 
	CONSTRAINT ck_coach_profile_checkin_every_known CHECK (checkin_every = 'day' OR checkin_every = 'week' OR checkin_every = 'never'), 
	CONSTRAINT ck_coach_profile_engagement_comparison_known CHECK (engagement_comparison = 'above' OR engagement_comparison = 'about' OR engagement_comparison = 'below'), 
	CONSTRAINT ck_coach_profile_primary_platform_known CHECK (primary_platform = 'youtube' OR primary_platform = 'instagram' OR primary_platform = 'tiktok' OR primary_platform = 'twitch' OR primary_platform = 'other'), 
	CONSTRAINT ck_coach_profile_tone_known CHECK (tone = 'casual' OR tone = 'professional' OR tone = 'educational'), 
	CONSTRAINT ck_coach_profile_checkin_day_range CHECK (checkin_day >= 0 AND checkin_day <= 6), 
	CONSTRAINT ck_coach_profile_checkin_hour_range CHECK (checkin_hour >= 0 AND checkin_hour <= 23), 
	CONSTRAINT ck_coach_profile_engagement_bps_range CHECK (engagement_bps >= 0 AND engagement_bps <= 10000), 
	CONSTRAINT ck_coach_profile_follower_count_range CHECK (follower_count >= 0 AND follower_count <= 1000000000), 
	CONSTRAINT ck_coach_profile_hours_per_week_range CHECK (hours_per_week >= 1 AND hours_per_week <= 80), 
	CONSTRAINT ck_coach_profile_quiet_from_range CHECK (quiet_from >= 0 AND quiet_from <= 23), 
	CONSTRAINT ck_coach_profile_quiet_to_range CHECK (quiet_to >= 0 AND quiet_to <= 23), 
	CONSTRAINT fk_coach_profile_person_id_person FOREIGN KEY(person_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE plan_template (
	digest TEXT NOT NULL, 
	template_id TEXT NOT NULL, 
	version INTEGER NOT NULL, 
	body BLOB NOT NULL, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_plan_template PRIMARY KEY (digest)
);

CREATE TABLE project (
	id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	code TEXT NOT NULL, 
	template_id TEXT NOT NULL, 
	template_version INTEGER NOT NULL, 
	template_digest TEXT NOT NULL, 
	status TEXT NOT NULL, 
	started_on DATE NOT NULL, 
	created_at BIGINT NOT NULL, 
	status_at BIGINT NOT NULL, 
	CONSTRAINT pk_project PRIMARY KEY (id), 
	CONSTRAINT ck_project_status_known CHECK (status = 'active' OR status = 'paused' OR status = 'completed' OR status = 'abandoned'), 
	CONSTRAINT fk_project_person_id_person FOREIGN KEY(person_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED, 
	CONSTRAINT fk_project_template_digest_plan_template FOREIGN KEY(template_digest) REFERENCES plan_template (digest), 
	CONSTRAINT uq_project_code UNIQUE (code), 
	CONSTRAINT uq_project_person_id_id UNIQUE (person_id, id)
);

CREATE UNIQUE INDEX uq_project_active ON project (person_id) WHERE status = 'active';

CREATE TABLE project_pause (
	id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	project_id BIGINT NOT NULL, 
	from_day DATE NOT NULL, 
	until_day DATE, 
	ended_day DATE, 
	CONSTRAINT pk_project_pause PRIMARY KEY (id), 
	CONSTRAINT ck_project_pause_ended_after_start CHECK (ended_day IS NULL OR ended_day >= from_day), 
	CONSTRAINT ck_project_pause_until_after_start CHECK (until_day IS NULL OR until_day > from_day), 
	CONSTRAINT fk_project_pause_person_id_project FOREIGN KEY(person_id, project_id) REFERENCES project (person_id, id) DEFERRABLE INITIALLY DEFERRED, 
	CONSTRAINT fk_project_pause_person_id_person FOREIGN KEY(person_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE INDEX ix_project_pause_project ON project_pause (person_id, project_id, id);

CREATE UNIQUE INDEX uq_project_pause_open ON project_pause (person_id, project_id) WHERE ended_day IS NULL;

CREATE TABLE plan_task (
	id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	project_id BIGINT NOT NULL, 
	task_id TEXT NOT NULL, 
	phase INTEGER NOT NULL, 
	position INTEGER NOT NULL, 
	cadence TEXT NOT NULL, 
	minutes INTEGER NOT NULL, 
	cost_minor BIGINT NOT NULL, 
	counts_after INTEGER NOT NULL, 
	words BLOB NOT NULL, 
	due_on DATE, 
	state TEXT NOT NULL, 
	is_removed BOOLEAN NOT NULL, 
	state_at BIGINT NOT NULL, 
	CONSTRAINT pk_plan_task PRIMARY KEY (id), 
	CONSTRAINT ck_plan_task_cadence_known CHECK (cadence = 'once' OR cadence = 'daily' OR cadence = 'weekly' OR cadence = 'monthly' OR cadence = 'quarterly' OR cadence = 'per_stream'), 
	CONSTRAINT ck_plan_task_state_known CHECK (state = 'todo' OR state = 'in_progress' OR state = 'done' OR state = 'skipped'), 
	CONSTRAINT ck_plan_task_counts_sane CHECK (minutes >= 0 AND cost_minor >= 0 AND counts_after >= 1), 
	CONSTRAINT fk_plan_task_person_id_project FOREIGN KEY(person_id, project_id) REFERENCES project (person_id, id) DEFERRABLE INITIALLY DEFERRED, 
	CONSTRAINT fk_plan_task_person_id_person FOREIGN KEY(person_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE UNIQUE INDEX uq_plan_task_id ON plan_task (person_id, project_id, task_id);

CREATE TABLE task_event (
	id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	project_id BIGINT NOT NULL, 
	task_id TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	who TEXT NOT NULL, 
	how TEXT NOT NULL, 
	day DATE NOT NULL, 
	act_id BIGINT, 
	proposal_id BIGINT, 
	undoes BIGINT, 
	note BLOB, 
	evidence BIGINT, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_task_event PRIMARY KEY (id), 
	CONSTRAINT ck_task_event_how_known CHECK (how = 'manual' OR how = 'proposal' OR how = 'undo'), 
	CONSTRAINT ck_task_event_kind_known CHECK (kind = 'started' OR kind = 'done' OR kind = 'occurrence' OR kind = 'skipped' OR kind = 'reopened' OR kind = 'undone' OR kind = 'note' OR kind = 'changed' OR kind = 'added' OR kind = 'removed'), 
	CONSTRAINT fk_task_event_person_id_project FOREIGN KEY(person_id, project_id) REFERENCES project (person_id, id) DEFERRABLE INITIALLY DEFERRED, 
	CONSTRAINT fk_task_event_person_id_person FOREIGN KEY(person_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE INDEX ix_task_event_task ON task_event (person_id, project_id, task_id, id);

CREATE UNIQUE INDEX uq_task_event_undoes ON task_event (person_id, undoes) WHERE undoes IS NOT NULL;

CREATE TRIGGER task_event_append_only BEFORE UPDATE ON task_event BEGIN SELECT RAISE(ABORT, 'task_event is append only'); END;

CREATE TABLE decision (
	id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	project_id BIGINT NOT NULL, 
	category TEXT NOT NULL, 
	value_type TEXT NOT NULL, 
	value BLOB NOT NULL, 
	rationale BLOB, 
	quote BLOB NOT NULL, 
	message_id BIGINT NOT NULL, 
	proposal_id BIGINT, 
	act_id BIGINT NOT NULL, 
	certainty TEXT NOT NULL, 
	how TEXT NOT NULL, 
	state TEXT NOT NULL, 
	superseded_by BIGINT, 
	saved_at BIGINT NOT NULL, 
	undone_at BIGINT, 
	CONSTRAINT pk_decision PRIMARY KEY (id), 
	CONSTRAINT ck_decision_superseded_named CHECK ((state = 'superseded' AND superseded_by IS NOT NULL) OR (state <> 'superseded' AND superseded_by IS NULL)), 
	CONSTRAINT ck_decision_undone_dated CHECK ((state = 'undone' AND undone_at IS NOT NULL) OR (state <> 'undone' AND undone_at IS NULL)), 
	CONSTRAINT ck_decision_certainty_known CHECK (certainty = 'explicit' OR certainty = 'bare' OR certainty = 'answer'), 
	CONSTRAINT ck_decision_how_known CHECK (how = 'ok' OR how = 'number' OR how = 'button' OR how = 'command'), 
	CONSTRAINT ck_decision_state_known CHECK (state = 'current' OR state = 'superseded' OR state = 'undone'), 
	CONSTRAINT ck_decision_value_type_known CHECK (value_type = 'enum' OR value_type = 'money_per_period' OR value_type = 'tiers' OR value_type = 'benefit_list' OR value_type = 'date'), 
	CONSTRAINT fk_decision_person_id_project FOREIGN KEY(person_id, project_id) REFERENCES project (person_id, id) DEFERRABLE INITIALLY DEFERRED, 
	CONSTRAINT fk_decision_person_id_person FOREIGN KEY(person_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE INDEX ix_decision_project ON decision (person_id, project_id, id);

CREATE UNIQUE INDEX uq_decision_current ON decision (person_id, project_id, category) WHERE state = 'current';

CREATE TABLE proposal (
	id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	project_id BIGINT NOT NULL, 
	kind TEXT NOT NULL, 
	subject TEXT NOT NULL, 
	value BLOB NOT NULL, 
	quote BLOB NOT NULL, 
	message_id BIGINT NOT NULL, 
	certainty TEXT NOT NULL, 
	source TEXT NOT NULL, 
	"trigger" TEXT, 
	question BIGINT, 
	number INTEGER NOT NULL, 
	state TEXT NOT NULL, 
	replaced_by BIGINT, 
	at BIGINT NOT NULL, 
	expires_at BIGINT NOT NULL, 
	closed_at BIGINT, 
	CONSTRAINT pk_proposal PRIMARY KEY (id), 
	CONSTRAINT ck_proposal_closed_dated CHECK ((state = 'pending' AND closed_at IS NULL) OR (state <> 'pending' AND closed_at IS NOT NULL)), 
	CONSTRAINT ck_proposal_certainty_known CHECK (certainty = 'explicit' OR certainty = 'bare' OR certainty = 'answer'), 
	CONSTRAINT ck_proposal_kind_known CHECK (kind = 'decision' OR kind = 'tick' OR kind = 'drop' OR kind = 'add_task' OR kind = 'remove_task' OR kind = 'reorder' OR kind = 'reschedule' OR kind = 'reword'), 
	CONSTRAINT ck_proposal_source_known CHECK (source = 'model' OR source = 'rules' OR source = 'person'), 
	CONSTRAINT ck_proposal_state_known CHECK (state = 'pending' OR state = 'saved' OR state = 'declined' OR state = 'replaced' OR state = 'expired'), 
	CONSTRAINT ck_proposal_trigger_known CHECK (trigger = 'user_request' OR trigger = 'progress_signal' OR trigger = 'market_feedback'), 
	CONSTRAINT fk_proposal_person_id_project FOREIGN KEY(person_id, project_id) REFERENCES project (person_id, id) DEFERRABLE INITIALLY DEFERRED, 
	CONSTRAINT fk_proposal_person_id_person FOREIGN KEY(person_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE INDEX ix_proposal_project ON proposal (person_id, project_id, id);

CREATE UNIQUE INDEX uq_proposal_pending ON proposal (person_id, project_id, subject) WHERE state = 'pending';

CREATE TABLE coach_act (
	id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	project_id BIGINT NOT NULL, 
	kind TEXT NOT NULL, 
	"before" BLOB NOT NULL, 
	at BIGINT NOT NULL, 
	undone_at BIGINT, 
	CONSTRAINT pk_coach_act PRIMARY KEY (id), 
	CONSTRAINT ck_coach_act_kind_known CHECK (kind = 'save' OR kind = 'tick' OR kind = 'skip' OR kind = 'reopen' OR kind = 'drop' OR kind = 'plan'), 
	CONSTRAINT fk_coach_act_person_id_project FOREIGN KEY(person_id, project_id) REFERENCES project (person_id, id) DEFERRABLE INITIALLY DEFERRED, 
	CONSTRAINT fk_coach_act_person_id_person FOREIGN KEY(person_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE INDEX ix_coach_act_project ON coach_act (person_id, project_id, id);

CREATE TABLE coach_message (
	id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	project_id BIGINT, 
	number INTEGER NOT NULL, 
	role TEXT NOT NULL, 
	channel TEXT NOT NULL, 
	provider_id TEXT, 
	turn_id BIGINT, 
	is_forwarded BOOLEAN NOT NULL, 
	body BLOB NOT NULL, 
	state TEXT NOT NULL, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_coach_message PRIMARY KEY (id), 
	CONSTRAINT ck_coach_message_person_has_provider_id CHECK (role <> 'person' OR provider_id IS NOT NULL), 
	CONSTRAINT ck_coach_message_role_known CHECK (role = 'person' OR role = 'coach'), 
	CONSTRAINT ck_coach_message_state_known CHECK (state = 'received' OR state = 'answered' OR state = 'fallback' OR state = 'failed'), 
	CONSTRAINT fk_coach_message_person_id_project FOREIGN KEY(person_id, project_id) REFERENCES project (person_id, id) DEFERRABLE INITIALLY DEFERRED, 
	CONSTRAINT fk_coach_message_person_id_person FOREIGN KEY(person_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED, 
	CONSTRAINT uq_coach_message_channel_provider_id UNIQUE (channel, provider_id)
);

CREATE INDEX ix_coach_message_person ON coach_message (person_id, id);

CREATE INDEX ix_coach_message_turn ON coach_message (person_id, turn_id);

CREATE UNIQUE INDEX uq_coach_message_number ON coach_message (person_id, project_id, number);

CREATE TABLE summary (
	id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	project_id BIGINT NOT NULL, 
	through INTEGER NOT NULL, 
	body BLOB NOT NULL, 
	source TEXT NOT NULL, 
	state TEXT NOT NULL, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_summary PRIMARY KEY (id), 
	CONSTRAINT ck_summary_source_known CHECK (source = 'model' OR source = 'template'), 
	CONSTRAINT ck_summary_state_known CHECK (state = 'current' OR state = 'replaced'), 
	CONSTRAINT fk_summary_person_id_project FOREIGN KEY(person_id, project_id) REFERENCES project (person_id, id) DEFERRABLE INITIALLY DEFERRED, 
	CONSTRAINT fk_summary_person_id_person FOREIGN KEY(person_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE INDEX ix_summary_project ON summary (person_id, project_id, id);

CREATE UNIQUE INDEX uq_summary_current ON summary (person_id, project_id) WHERE state = 'current';

CREATE TABLE coach_turn (
	id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	project_id BIGINT, 
	operation TEXT NOT NULL, 
	day DATE NOT NULL, 
	utc_day DATE NOT NULL, 
	state TEXT NOT NULL, 
	counts BOOLEAN NOT NULL, 
	reserved_nano BIGINT NOT NULL, 
	spent_nano BIGINT NOT NULL, 
	body BLOB, 
	at BIGINT NOT NULL, 
	deadline_at BIGINT, 
	settled_at BIGINT, 
	CONSTRAINT pk_coach_turn PRIMARY KEY (id), 
	CONSTRAINT ck_coach_turn_state_known CHECK (state = 'waiting' OR state = 'running' OR state = 'answered' OR state = 'fallback' OR state = 'failed' OR state = 'released'), 
	CONSTRAINT ck_coach_turn_money_not_negative CHECK (reserved_nano >= 0 AND spent_nano >= 0), 
	CONSTRAINT fk_coach_turn_person_id_person FOREIGN KEY(person_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED, 
	CONSTRAINT uq_coach_turn_operation UNIQUE (operation)
);

CREATE INDEX ix_coach_turn_day ON coach_turn (person_id, day, counts);

CREATE INDEX ix_coach_turn_unsettled ON coach_turn (deadline_at) WHERE settled_at IS NULL;

CREATE INDEX ix_coach_turn_utc_day ON coach_turn (utc_day);

CREATE UNIQUE INDEX uq_coach_turn_running ON coach_turn (person_id) WHERE state = 'running';

CREATE UNIQUE INDEX uq_coach_turn_waiting ON coach_turn (person_id) WHERE state = 'waiting';

CREATE TABLE coach_spend (
	utc_day DATE NOT NULL, 
	reserved_nano BIGINT NOT NULL, 
	spent_nano BIGINT NOT NULL, 
	level INTEGER NOT NULL, 
	CONSTRAINT pk_coach_spend PRIMARY KEY (utc_day), 
	CONSTRAINT ck_coach_spend_level_range CHECK (level >= 0 AND level <= 3)
);

CREATE TABLE model_call (
	id INTEGER NOT NULL, 
	person_hash BLOB NOT NULL, 
	project_id BIGINT, 
	turn_id BIGINT NOT NULL, 
	purpose TEXT NOT NULL, 
	attempt INTEGER NOT NULL, 
	model TEXT NOT NULL, 
	price_row TEXT NOT NULL, 
	input_tokens INTEGER NOT NULL, 
	output_tokens INTEGER NOT NULL, 
	cache_read_tokens INTEGER NOT NULL, 
	cache_write_5m_tokens INTEGER NOT NULL, 
	cache_write_1h_tokens INTEGER NOT NULL, 
	nano_usd BIGINT NOT NULL, 
	reserved_nano BIGINT NOT NULL, 
	usage_known BOOLEAN NOT NULL, 
	stop_reason TEXT, 
	outcome TEXT NOT NULL, 
	latency_ms INTEGER NOT NULL, 
	utc_day DATE NOT NULL, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_model_call PRIMARY KEY (id), 
	CONSTRAINT ck_model_call_outcome_known CHECK (outcome = 'answered' OR outcome = 'refused' OR outcome = 'cut' OR outcome = 'failed' OR outcome = 'timeout' OR outcome = 'network_refused'), 
	CONSTRAINT ck_model_call_purpose_known CHECK (purpose = 'reply' OR purpose = 'extract' OR purpose = 'summary'), 
	CONSTRAINT ck_model_call_money_not_negative CHECK (nano_usd >= 0 AND reserved_nano >= 0), 
	CONSTRAINT uq_model_call_turn_id_purpose_attempt UNIQUE (turn_id, purpose, attempt)
);

CREATE INDEX ix_model_call_day ON model_call (utc_day, model);

CREATE INDEX ix_model_call_person ON model_call (person_hash, utc_day);

CREATE TABLE promise (
	id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	project_id BIGINT NOT NULL, 
	task_id TEXT, 
	words BLOB NOT NULL, 
	message_id BIGINT, 
	due_on DATE, 
	state TEXT NOT NULL, 
	at BIGINT NOT NULL, 
	closed_at BIGINT, 
	CONSTRAINT pk_promise PRIMARY KEY (id), 
	CONSTRAINT ck_promise_state_known CHECK (state = 'open' OR state = 'kept' OR state = 'missed' OR state = 'replaced'), 
	CONSTRAINT fk_promise_person_id_project FOREIGN KEY(person_id, project_id) REFERENCES project (person_id, id) DEFERRABLE INITIALLY DEFERRED, 
	CONSTRAINT fk_promise_person_id_person FOREIGN KEY(person_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE INDEX ix_promise_project ON promise (person_id, project_id, id);

CREATE UNIQUE INDEX uq_promise_open ON promise (person_id, project_id) WHERE state = 'open';

CREATE TABLE checkin (
	id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	project_id BIGINT NOT NULL, 
	kind TEXT NOT NULL, 
	period TEXT NOT NULL, 
	step INTEGER NOT NULL, 
	state TEXT NOT NULL, 
	due_at BIGINT NOT NULL, 
	sent_at BIGINT, 
	answered_at BIGINT, 
	CONSTRAINT pk_checkin PRIMARY KEY (id), 
	CONSTRAINT ck_checkin_kind_known CHECK (kind = 'checkin' OR kind = 'nudge' OR kind = 'review' OR kind = 'replan'), 
	CONSTRAINT ck_checkin_state_known CHECK (state = 'due' OR state = 'sent' OR state = 'answered' OR state = 'missed' OR state = 'cancelled'), 
	CONSTRAINT fk_checkin_person_id_project FOREIGN KEY(person_id, project_id) REFERENCES project (person_id, id) DEFERRABLE INITIALLY DEFERRED, 
	CONSTRAINT fk_checkin_person_id_person FOREIGN KEY(person_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE INDEX ix_checkin_project ON checkin (person_id, project_id, id);

CREATE UNIQUE INDEX uq_checkin_period ON checkin (person_id, project_id, kind, period);

CREATE TABLE coach_care (
	person_id INTEGER NOT NULL, 
	silences INTEGER NOT NULL, 
	heard_at BIGINT, 
	nudges_paused_until BIGINT, 
	scripted_until BIGINT, 
	flag_day DATE, 
	flags INTEGER NOT NULL, 
	age_band TEXT, 
	CONSTRAINT pk_coach_care PRIMARY KEY (person_id), 
	CONSTRAINT ck_coach_care_age_band_known CHECK (age_band = 'under_13' OR age_band = 'minor'), 
	CONSTRAINT fk_coach_care_person_id_person FOREIGN KEY(person_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE api_rate (
	person_id INTEGER NOT NULL, 
	token_id BIGINT NOT NULL, 
	full_at BIGINT NOT NULL, 
	CONSTRAINT pk_api_rate PRIMARY KEY (person_id, token_id), 
	CONSTRAINT fk_api_rate_person_id_person FOREIGN KEY(person_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE INDEX ix_mail_quarantine_at ON mail_quarantine (at);

CREATE TABLE entry_pass (
	hash BLOB NOT NULL, 
	kind TEXT NOT NULL, 
	person_id INTEGER NOT NULL, 
	address_id BIGINT, 
	about BLOB, 
	expires_at BIGINT NOT NULL, 
	used_at BIGINT, 
	CONSTRAINT pk_entry_pass PRIMARY KEY (hash), 
	CONSTRAINT ck_entry_pass_kind_known CHECK (kind = 'verify' OR kind = 'sign_in' OR kind = 'session' OR kind = 'mails_off'), 
	CONSTRAINT fk_entry_pass_person_id_person FOREIGN KEY(person_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE INDEX ix_entry_pass_person ON entry_pass (person_id, kind);

CREATE INDEX ix_entry_pass_expires ON entry_pass (expires_at);

CREATE INDEX ix_receipt_phone ON receipt (person_id, phone_hash);

CREATE TABLE bank_transfer (
	person_id INTEGER NOT NULL, 
	out_id BIGINT NOT NULL, 
	in_id BIGINT NOT NULL, 
	verdict TEXT NOT NULL, 
	date DATE NOT NULL, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_bank_transfer PRIMARY KEY (person_id, out_id, in_id), 
	CONSTRAINT ck_bank_transfer_verdict_known CHECK (verdict = 'joined' OR verdict = 'maybe' OR verdict = 'no' OR verdict = 'gone'), 
	CONSTRAINT fk_bank_transfer_person_id_person FOREIGN KEY(person_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE INDEX ix_bank_transfer_date ON bank_transfer (person_id, date);

CREATE INDEX ix_bank_transfer_in ON bank_transfer (person_id, in_id);

CREATE TABLE trial_used (
	address_hash BLOB NOT NULL, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_trial_used PRIMARY KEY (address_hash)
);

CREATE TABLE account_suspension (
	person_id INTEGER NOT NULL, 
	reason BLOB NOT NULL, 
	actor TEXT NOT NULL, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_account_suspension PRIMARY KEY (person_id), 
	CONSTRAINT fk_account_suspension_person_id_person FOREIGN KEY(person_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE entitlement_override (
	id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	feature TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	operation TEXT NOT NULL, 
	amount BIGINT, 
	unlimited BOOLEAN NOT NULL, 
	starts_at BIGINT NOT NULL, 
	expires_at BIGINT NOT NULL, 
	reason BLOB NOT NULL, 
	ticket TEXT, 
	actor TEXT NOT NULL, 
	at BIGINT NOT NULL, 
	revoked_at BIGINT, 
	CONSTRAINT pk_entitlement_override PRIMARY KEY (id), 
	CONSTRAINT ck_entitlement_override_amount_stated CHECK ((operation <> 'set' AND operation <> 'add' AND operation <> 'max') OR unlimited <> (amount IS NOT NULL)), 
	CONSTRAINT ck_entitlement_override_kind_known CHECK (kind = 'feature_unlock' OR kind = 'quota_increase' OR kind = 'trial_extension' OR kind = 'emergency_access' OR kind = 'deny'), 
	CONSTRAINT ck_entitlement_override_operation_known CHECK (operation = 'unlock' OR operation = 'set' OR operation = 'add' OR operation = 'max' OR operation = 'trial' OR operation = 'plan' OR operation = 'deny'), 
	CONSTRAINT ck_entitlement_override_amount_positive CHECK (amount IS NULL OR amount >= 0), 
	CONSTRAINT ck_entitlement_override_ends CHECK (expires_at > starts_at), 
	CONSTRAINT fk_entitlement_override_person_id_person FOREIGN KEY(person_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE INDEX ix_entitlement_override_person ON entitlement_override (person_id, expires_at);

CREATE TABLE quota_entry (
	id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	feature TEXT NOT NULL, 
	grant_id BIGINT NOT NULL, 
	operation TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	amount BIGINT NOT NULL, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_quota_entry PRIMARY KEY (id), 
	CONSTRAINT ck_quota_entry_kind_known CHECK (kind = 'reserve' OR kind = 'commit' OR kind = 'release' OR kind = 'adjust' OR kind = 'revoke' OR kind = 'expire'), 
	CONSTRAINT ck_quota_entry_amount_positive CHECK (amount > 0), 
	CONSTRAINT fk_quota_entry_person_id_person FOREIGN KEY(person_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE UNIQUE INDEX uq_quota_entry_once ON quota_entry (person_id, feature, operation, kind, grant_id);

CREATE TABLE quota_grant (
	id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	feature TEXT NOT NULL, 
	source TEXT NOT NULL, 
	source_ref TEXT NOT NULL, 
	period_key TEXT NOT NULL, 
	amount BIGINT, 
	unlimited BOOLEAN NOT NULL, 
	taken BIGINT NOT NULL, 
	priority INTEGER NOT NULL, 
	effective_at BIGINT NOT NULL, 
	expires_at BIGINT NOT NULL, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_quota_grant PRIMARY KEY (id), 
	CONSTRAINT ck_quota_grant_source_known CHECK (source = 'goodwill' OR source = 'coupon' OR source = 'plan' OR source = 'override' OR source = 'pack'), 
	CONSTRAINT ck_quota_grant_amount_positive CHECK (amount IS NULL OR amount >= 0), 
	CONSTRAINT ck_quota_grant_ends CHECK (expires_at > effective_at), 
	CONSTRAINT ck_quota_grant_taken_positive CHECK (taken >= 0), 
	CONSTRAINT ck_quota_grant_amount_stated CHECK (unlimited <> (amount IS NOT NULL)), 
	CONSTRAINT fk_quota_grant_person_id_person FOREIGN KEY(person_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE INDEX ix_quota_grant_live ON quota_grant (person_id, expires_at);

CREATE UNIQUE INDEX uq_quota_grant_source ON quota_grant (person_id, feature, source, source_ref, period_key);

CREATE TABLE quota_notice (
	person_id INTEGER NOT NULL, 
	feature TEXT NOT NULL, 
	period_key TEXT NOT NULL, 
	percent INTEGER NOT NULL, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_quota_notice PRIMARY KEY (person_id, feature, period_key, percent), 
	CONSTRAINT fk_quota_notice_person_id_person FOREIGN KEY(person_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE quota_operation (
	person_id INTEGER NOT NULL, 
	feature TEXT NOT NULL, 
	operation TEXT NOT NULL, 
	amount BIGINT NOT NULL, 
	used BIGINT NOT NULL, 
	overdrawn BIGINT NOT NULL, 
	state TEXT NOT NULL, 
	at BIGINT NOT NULL, 
	expires_at BIGINT NOT NULL, 
	settled_at BIGINT, 
	CONSTRAINT pk_quota_operation PRIMARY KEY (person_id, feature, operation), 
	CONSTRAINT ck_quota_operation_state_known CHECK (state = 'reserved' OR state = 'committed' OR state = 'released' OR state = 'expired'), 
	CONSTRAINT ck_quota_operation_amount_positive CHECK (amount > 0), 
	CONSTRAINT ck_quota_operation_overdrawn_of_used CHECK (overdrawn >= 0 AND overdrawn <= used), 
	CONSTRAINT fk_quota_operation_person_id_person FOREIGN KEY(person_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE INDEX ix_quota_operation_open ON quota_operation (person_id, expires_at) WHERE state = 'reserved';

CREATE TABLE subscription (
	id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	gateway TEXT NOT NULL, 
	customer_ref TEXT, 
	gateway_ref TEXT, 
	item_ref TEXT, 
	price_ref TEXT, 
	"plan" TEXT NOT NULL, 
	plan_version INTEGER NOT NULL, 
	state TEXT NOT NULL, 
	gateway_status TEXT, 
	anchor_at BIGINT NOT NULL, 
	period_start BIGINT, 
	period_end BIGINT, 
	cancel_at_period_end BOOLEAN NOT NULL, 
	trial_end BIGINT, 
	grace_since BIGINT, 
	as_of BIGINT NOT NULL, 
	at BIGINT NOT NULL, every TEXT, amount_minor BIGINT, currency TEXT, schedule_ref TEXT, next_plan TEXT, next_every TEXT, method BLOB, ends_at BIGINT, 
	CONSTRAINT pk_subscription PRIMARY KEY (id), 
	CONSTRAINT ck_subscription_gateway_known CHECK (gateway = 'stripe' OR gateway = 'stars' OR gateway = 'comp' OR gateway = 'offline'), 
	CONSTRAINT ck_subscription_paid_until CHECK (gateway = 'stripe' OR period_end IS NOT NULL), 
	CONSTRAINT ck_subscription_grace_began CHECK (state <> 'grace' OR grace_since IS NOT NULL), 
	CONSTRAINT ck_subscription_trial_ends CHECK (state <> 'trial' OR trial_end IS NOT NULL), 
	CONSTRAINT ck_subscription_state_known CHECK (state = 'pending' OR state = 'trial' OR state = 'active' OR state = 'grace' OR state = 'suspended' OR state = 'ended'), 
	CONSTRAINT fk_subscription_person_id_person FOREIGN KEY(person_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE INDEX ix_subscription_person ON subscription (person_id, id);

CREATE UNIQUE INDEX uq_subscription_gateway_ref ON subscription (gateway, gateway_ref);

CREATE UNIQUE INDEX uq_subscription_live ON subscription (person_id) WHERE state = 'trial' OR state = 'active' OR state = 'grace';

CREATE TABLE usage_record (
	id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	metric TEXT NOT NULL, 
	quantity BIGINT NOT NULL, 
	operation TEXT NOT NULL, 
	billed BOOLEAN NOT NULL, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_usage_record PRIMARY KEY (id), 
	CONSTRAINT ck_usage_record_metric_known CHECK (metric = 'letters_mailed' OR metric = 'receipts_read' OR metric = 'coach_messages' OR metric = 'coach_cost' OR metric = 'exports' OR metric = 'sms_segments' OR metric = 'bank_syncs' OR metric = 'tickets' OR metric = 'api_calls' OR metric = 'webhook_deliveries'), 
	CONSTRAINT ck_usage_record_quantity_positive CHECK (quantity > 0), 
	CONSTRAINT fk_usage_record_person_id_person FOREIGN KEY(person_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE INDEX ix_usage_record_at ON usage_record (person_id, metric, at);

CREATE UNIQUE INDEX uq_usage_record_operation ON usage_record (person_id, metric, operation);

CREATE TABLE support_counter (
	name TEXT NOT NULL, 
	value BIGINT NOT NULL, 
	CONSTRAINT pk_support_counter PRIMARY KEY (name)
);

CREATE TABLE support_assignment (
	id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	ticket_id BIGINT NOT NULL, 
	operator_id BIGINT, 
	actor TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_support_assignment PRIMARY KEY (id), 
	CONSTRAINT ck_support_assignment_reason_known CHECK (reason = 'initial' OR reason = 'reassign' OR reason = 'escalation' OR reason = 'expertise' OR reason = 'return'), 
	CONSTRAINT fk_support_assignment_person_id_person FOREIGN KEY(person_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE INDEX ix_support_assignment_person ON support_assignment (person_id);

CREATE INDEX ix_support_assignment_ticket ON support_assignment (ticket_id, id);

CREATE TABLE support_event (
	id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	ticket_id BIGINT NOT NULL, 
	what TEXT NOT NULL, 
	priority TEXT, 
	actor TEXT NOT NULL, 
	"key" TEXT, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_support_event PRIMARY KEY (id), 
	CONSTRAINT fk_support_event_person_id_person FOREIGN KEY(person_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED, 
	CONSTRAINT uq_support_event_key UNIQUE ("key")
);

CREATE INDEX ix_support_event_person ON support_event (person_id);

CREATE INDEX ix_support_event_ticket ON support_event (ticket_id, id);

CREATE TABLE support_message (
	id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	ticket_id BIGINT NOT NULL, 
	author TEXT NOT NULL, 
	operator_id BIGINT, 
	channel TEXT NOT NULL, 
	body BLOB NOT NULL, 
	files TEXT NOT NULL, 
	state TEXT NOT NULL, 
	source TEXT NOT NULL, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_support_message PRIMARY KEY (id), 
	CONSTRAINT ck_support_message_person_is_no_operator CHECK (author <> 'person' OR operator_id IS NULL), 
	CONSTRAINT ck_support_message_author_known CHECK (author = 'person' OR author = 'staff'), 
	CONSTRAINT ck_support_message_state_known CHECK (state = 'received' OR state = 'waiting' OR state = 'handed' OR state = 'refused'), 
	CONSTRAINT fk_support_message_person_id_person FOREIGN KEY(person_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED, 
	CONSTRAINT uq_support_message_source UNIQUE (source)
);

CREATE INDEX ix_support_message_person ON support_message (person_id);

CREATE INDEX ix_support_message_ticket ON support_message (ticket_id, id);

CREATE TABLE support_note (
	id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	ticket_id BIGINT NOT NULL, 
	actor TEXT NOT NULL, 
	body BLOB NOT NULL, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_support_note PRIMARY KEY (id), 
	CONSTRAINT fk_support_note_person_id_person FOREIGN KEY(person_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE INDEX ix_support_note_person ON support_note (person_id);

CREATE INDEX ix_support_note_ticket ON support_note (ticket_id, id);

CREATE TABLE support_ticket (
	id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	number BIGINT NOT NULL, 
	address_id BIGINT NOT NULL, 
	channel TEXT NOT NULL, 
	subject BLOB, 
	category TEXT NOT NULL, 
	priority TEXT NOT NULL, 
	state TEXT NOT NULL, 
	assignee BIGINT, 
	level INTEGER NOT NULL, 
	reopened INTEGER NOT NULL, 
	tags TEXT NOT NULL, 
	parent_id BIGINT, 
	source TEXT NOT NULL, 
	version INTEGER NOT NULL, 
	opened_at BIGINT NOT NULL, 
	first_response_at BIGINT, 
	resolved_at BIGINT, 
	closed_at BIGINT, 
	rating INTEGER, 
	first_due BIGINT, 
	next_due BIGINT, 
	resolution_due BIGINT, feedback BLOB, merged_into BIGINT, 
	CONSTRAINT pk_support_ticket PRIMARY KEY (id), 
	CONSTRAINT ck_support_ticket_priority_known CHECK (priority = 'low' OR priority = 'medium' OR priority = 'high' OR priority = 'urgent'), 
	CONSTRAINT ck_support_ticket_state_known CHECK (state = 'new' OR state = 'open' OR state = 'waiting_user' OR state = 'resolved' OR state = 'closed'), 
	CONSTRAINT ck_support_ticket_rating_of_five CHECK (rating IS NULL OR (rating >= 1 AND rating <= 5)), 
	CONSTRAINT fk_support_ticket_person_id_person FOREIGN KEY(person_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED, 
	CONSTRAINT uq_support_ticket_number UNIQUE (number), 
	CONSTRAINT uq_support_ticket_source UNIQUE (source)
);

CREATE INDEX ix_support_ticket_person ON support_ticket (person_id, id);

CREATE INDEX ix_support_ticket_state ON support_ticket (state, id);

CREATE TABLE operator (
	id BIGINT NOT NULL, 
	name TEXT NOT NULL, 
	role TEXT NOT NULL, 
	state TEXT NOT NULL, 
	person_id BIGINT, 
	telegram BLOB, 
	invite BLOB, 
	invited_until BIGINT, 
	secret BLOB NOT NULL, 
	last_step BIGINT NOT NULL, 
	unlocked_at BIGINT, 
	session_until BIGINT, 
	used_at BIGINT, 
	pending BLOB, 
	picture BIGINT, 
	failures INTEGER NOT NULL, 
	locks INTEGER NOT NULL, 
	day INTEGER NOT NULL, 
	day_failures INTEGER NOT NULL, 
	locked_until BIGINT, 
	held BOOLEAN NOT NULL, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_operator PRIMARY KEY (id), 
	CONSTRAINT ck_operator_role_known CHECK (role = 'owner' OR role = 'admin' OR role = 'support' OR role = 'support_viewer' OR role = 'marketing' OR role = 'finance'), 
	CONSTRAINT ck_operator_state_known CHECK (state = 'open' OR state = 'invited' OR state = 'joined' OR state = 'active' OR state = 'disabled'), 
	CONSTRAINT uq_operator_invite UNIQUE (invite), 
	CONSTRAINT uq_operator_name UNIQUE (name), 
	CONSTRAINT uq_operator_person_id UNIQUE (person_id), 
	CONSTRAINT uq_operator_telegram UNIQUE (telegram)
);

CREATE INDEX ix_operator_state ON operator (state);

CREATE INDEX ix_entitlement_override_ends ON entitlement_override (expires_at);

CREATE TABLE backup_code (
	operator_id BIGINT NOT NULL, 
	hash BLOB NOT NULL, 
	state TEXT NOT NULL, 
	at BIGINT NOT NULL, 
	used_at BIGINT, 
	CONSTRAINT pk_backup_code PRIMARY KEY (operator_id, hash), 
	CONSTRAINT ck_backup_code_state_known CHECK (state = 'pending' OR state = 'live')
);

CREATE TABLE person_note (
	id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	actor TEXT NOT NULL, 
	remark BLOB NOT NULL, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_person_note PRIMARY KEY (id), 
	CONSTRAINT fk_person_note_person_id_person FOREIGN KEY(person_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE INDEX ix_person_note_person ON person_note (person_id, id);

CREATE TABLE staff_action (
	id INTEGER NOT NULL, 
	kind TEXT NOT NULL, 
	actor TEXT NOT NULL, 
	operator_id BIGINT, 
	command TEXT NOT NULL, 
	argument BLOB NOT NULL, 
	says BLOB, 
	typed BLOB, 
	token BLOB, 
	version TEXT NOT NULL, 
	digest BLOB NOT NULL, 
	state TEXT NOT NULL, 
	approver TEXT, 
	at BIGINT NOT NULL, 
	expires_at BIGINT NOT NULL, 
	ended_at BIGINT, 
	CONSTRAINT pk_staff_action PRIMARY KEY (id), 
	CONSTRAINT ck_staff_action_kind_known CHECK (kind = 'act' OR kind = 'button'), 
	CONSTRAINT ck_staff_action_state_known CHECK (state = 'open' OR state = 'waiting' OR state = 'executed' OR state = 'denied' OR state = 'expired'), 
	CONSTRAINT uq_staff_action_token UNIQUE (token)
);

CREATE INDEX ix_staff_action_actor ON staff_action (actor, typed, id);

CREATE INDEX ix_staff_action_expires ON staff_action (expires_at);

CREATE INDEX ix_staff_action_state ON staff_action (state, expires_at);

CREATE TABLE "audit" (
	id INTEGER NOT NULL, 
	at BIGINT NOT NULL, 
	actor TEXT NOT NULL, 
	action TEXT NOT NULL, 
	object TEXT, 
	details TEXT NOT NULL, 
	risk INTEGER, 
	outcome TEXT DEFAULT 'ok' NOT NULL, 
	factor TEXT, 
	correlation BIGINT, 
	origin TEXT, 
	CONSTRAINT pk_audit PRIMARY KEY (id), 
	CONSTRAINT ck_audit_outcome_known CHECK (outcome = 'ok' OR outcome = 'denied' OR outcome = 'failed' OR outcome = 'expired')
);

CREATE TABLE audit_chain (
	seq INTEGER NOT NULL, 
	entry_id BIGINT NOT NULL, 
	actor TEXT NOT NULL, 
	action TEXT NOT NULL, 
	object TEXT, 
	prev_hash TEXT NOT NULL, 
	hash TEXT NOT NULL, 
	CONSTRAINT pk_audit_chain PRIMARY KEY (seq)
);

CREATE UNIQUE INDEX uq_audit_chain_entry ON audit_chain (entry_id);

CREATE INDEX ix_audit_chain_action ON audit_chain (action, entry_id);

CREATE INDEX ix_audit_chain_actor ON audit_chain (actor, entry_id);

CREATE INDEX ix_audit_chain_object ON audit_chain (object, entry_id);

CREATE TABLE audit_segment (
	last_seq INTEGER NOT NULL, 
	first_seq BIGINT NOT NULL, 
	end_hash TEXT NOT NULL, 
	closed_at BIGINT NOT NULL, 
	CONSTRAINT pk_audit_segment PRIMARY KEY (last_seq)
);

CREATE INDEX ix_subscription_state ON subscription (state, as_of);

CREATE INDEX ix_appeal_payment_paid ON appeal_payment (paid_at);

CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END;

CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit WHEN NOT (EXISTS (SELECT 1 FROM audit_chain c JOIN audit_segment s ON c.seq <= s.last_seq WHERE c.entry_id = OLD.id)) BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END;

CREATE TRIGGER audit_chain_no_update BEFORE UPDATE ON audit_chain BEGIN SELECT RAISE(ABORT, 'audit_chain is append-only'); END;

CREATE TRIGGER audit_chain_no_delete BEFORE DELETE ON audit_chain WHEN NOT (EXISTS (SELECT 1 FROM audit_segment s WHERE OLD.seq <= s.last_seq) AND NOT EXISTS (SELECT 1 FROM audit a WHERE a.id = OLD.entry_id)) BEGIN SELECT RAISE(ABORT, 'audit_chain is append-only'); END;

CREATE TRIGGER audit_segment_no_update BEFORE UPDATE ON audit_segment BEGIN SELECT RAISE(ABORT, 'audit_segment is append-only'); END;

CREATE TRIGGER audit_segment_no_delete BEFORE DELETE ON audit_segment WHEN NOT (1 = 0) BEGIN SELECT RAISE(ABORT, 'audit_segment is append-only'); END;

CREATE TABLE plan_change (
	id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	subscription_id BIGINT NOT NULL, 
	"plan" TEXT NOT NULL, 
	plan_version INTEGER NOT NULL, 
	every TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	prorated_at BIGINT, 
	due_minor BIGINT, 
	state TEXT NOT NULL, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_plan_change PRIMARY KEY (id), 
	CONSTRAINT ck_plan_change_kind_known CHECK (kind = 'upgrade' OR kind = 'downgrade'), 
	CONSTRAINT ck_plan_change_state_known CHECK (state = 'asked' OR state = 'shown' OR state = 'confirmed' OR state = 'done' OR state = 'failed'), 
	CONSTRAINT fk_plan_change_person_id_person FOREIGN KEY(person_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE INDEX ix_plan_change_person ON plan_change (person_id, id);

CREATE TABLE plan_invoice (
	id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	subscription_id BIGINT NOT NULL, 
	invoice_ref TEXT NOT NULL, 
	number TEXT, 
	status TEXT NOT NULL, 
	amount_minor BIGINT NOT NULL, 
	currency TEXT NOT NULL, 
	url BLOB, 
	attempts INTEGER NOT NULL, 
	next_attempt_at BIGINT, 
	as_of BIGINT NOT NULL, 
	at BIGINT NOT NULL, paid_at BIGINT, refunded_minor BIGINT DEFAULT '0' NOT NULL, 
	CONSTRAINT pk_plan_invoice PRIMARY KEY (id), 
	CONSTRAINT fk_plan_invoice_person_id_person FOREIGN KEY(person_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED, 
	CONSTRAINT uq_plan_invoice_invoice_ref UNIQUE (invoice_ref)
);

CREATE INDEX ix_plan_invoice_person ON plan_invoice (person_id, at);

CREATE TABLE plan_log (
	id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	subscription_id BIGINT NOT NULL, 
	kind TEXT NOT NULL, 
	was TEXT, 
	now TEXT, 
	amount_minor BIGINT, 
	currency TEXT, 
	cause TEXT, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_plan_log PRIMARY KEY (id), 
	CONSTRAINT ck_plan_log_kind_known CHECK (kind = 'created' OR kind = 'trial_started' OR kind = 'renewed' OR kind = 'upgraded' OR kind = 'downgrade_scheduled' OR kind = 'downgrade_undone' OR kind = 'downgraded' OR kind = 'cancel_scheduled' OR kind = 'cancel_undone' OR kind = 'canceled' OR kind = 'payment_failed' OR kind = 'recovered' OR kind = 'paused' OR kind = 'comped'), 
	CONSTRAINT fk_plan_log_person_id_person FOREIGN KEY(person_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE INDEX ix_plan_log_person ON plan_log (person_id, subscription_id, id);

CREATE TABLE plan_notice (
	person_id INTEGER NOT NULL, 
	subscription_id BIGINT NOT NULL, 
	kind TEXT NOT NULL, 
	mark TEXT NOT NULL, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_plan_notice PRIMARY KEY (person_id, subscription_id, kind, mark), 
	CONSTRAINT fk_plan_notice_person_id_person FOREIGN KEY(person_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE plan_purchase (
	id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	"plan" TEXT NOT NULL, 
	plan_version INTEGER NOT NULL, 
	every TEXT NOT NULL, 
	amount_minor BIGINT NOT NULL, 
	currency TEXT NOT NULL, 
	trial_days INTEGER NOT NULL, 
	promotion TEXT, 
	state TEXT NOT NULL, 
	attempt INTEGER NOT NULL, 
	session_ref TEXT, 
	url BLOB, 
	session_ends BIGINT, 
	expires_at BIGINT NOT NULL, 
	wording TEXT NOT NULL, 
	source TEXT NOT NULL, 
	paid_at BIGINT, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_plan_purchase PRIMARY KEY (id), 
	CONSTRAINT ck_plan_purchase_every_known CHECK (every = 'month' OR every = 'year'), 
	CONSTRAINT ck_plan_purchase_state_known CHECK (state = 'created' OR state = 'open' OR state = 'processing' OR state = 'paid' OR state = 'failed' OR state = 'expired' OR state = 'replaced'), 
	CONSTRAINT ck_plan_purchase_amount_positive CHECK (amount_minor > 0), 
	CONSTRAINT fk_plan_purchase_person_id_person FOREIGN KEY(person_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE INDEX ix_plan_purchase_person ON plan_purchase (person_id, id);

CREATE UNIQUE INDEX uq_plan_purchase_open ON plan_purchase (person_id) WHERE state = 'created' OR state = 'open' OR state = 'processing';

CREATE TABLE plan_watch (
	person_id INTEGER NOT NULL, 
	gateway_ref TEXT NOT NULL, 
	asked_at BIGINT, 
	again BOOLEAN NOT NULL, 
	CONSTRAINT pk_plan_watch PRIMARY KEY (person_id, gateway_ref), 
	CONSTRAINT fk_plan_watch_person_id_person FOREIGN KEY(person_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE INDEX ix_subscription_customer ON subscription (customer_ref);

CREATE TABLE document_counter (
	series TEXT NOT NULL, 
	fiscal_year TEXT NOT NULL, 
	last BIGINT NOT NULL, 
	CONSTRAINT pk_document_counter PRIMARY KEY (series, fiscal_year)
);

CREATE TABLE pay_order (
	id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	purpose TEXT NOT NULL, 
	reference TEXT NOT NULL, 
	gateway TEXT NOT NULL, 
	state TEXT NOT NULL, 
	is_physical BOOLEAN NOT NULL, 
	currency TEXT NOT NULL, 
	net_minor BIGINT NOT NULL, 
	discount_minor BIGINT NOT NULL, 
	tax_minor BIGINT NOT NULL, 
	total_minor BIGINT NOT NULL, 
	coupon TEXT, 
	snapshot BLOB NOT NULL, 
	link BLOB, 
	url BLOB, 
	session_ref TEXT, 
	minted INTEGER NOT NULL, 
	minting TEXT NOT NULL, 
	closing TEXT, 
	held TEXT, 
	intent TEXT, 
	method TEXT, 
	charged_minor BIGINT NOT NULL, 
	given_minor BIGINT NOT NULL, 
	refunded_minor BIGINT NOT NULL, 
	dispute TEXT, 
	dispute_due BIGINT, 
	failures INTEGER NOT NULL, 
	expires_at BIGINT NOT NULL, 
	paid_at BIGINT, 
	fulfilled_at BIGINT, 
	created_at BIGINT NOT NULL, failure_code TEXT, 
	CONSTRAINT pk_pay_order PRIMARY KEY (id), 
	CONSTRAINT ck_pay_order_gateway_known CHECK (gateway = 'stripe' OR gateway = 'razorpay' OR gateway = 'stars' OR gateway = 'offline' OR gateway = 'none'), 
	CONSTRAINT ck_pay_order_minting_known CHECK (minting = '' OR minting = 'wanted' OR minting = 'asked'), 
	CONSTRAINT ck_pay_order_state_known CHECK (state = 'created' OR state = 'open' OR state = 'processing' OR state = 'paid' OR state = 'partially_refunded' OR state = 'refunded' OR state = 'expired' OR state = 'failed' OR state = 'disputed'), 
	CONSTRAINT ck_pay_order_refunds_within_charge CHECK (given_minor <= charged_minor), 
	CONSTRAINT ck_pay_order_amounts_positive CHECK (net_minor >= 0 AND discount_minor >= 0 AND tax_minor >= 0), 
	CONSTRAINT ck_pay_order_refunded_was_given CHECK (refunded_minor <= given_minor), 
	CONSTRAINT ck_pay_order_total_adds_up CHECK (total_minor = net_minor + tax_minor), 
	CONSTRAINT fk_pay_order_person_id_person FOREIGN KEY(person_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE INDEX ix_pay_order_person ON pay_order (person_id, id);

CREATE INDEX ix_pay_order_reference ON pay_order (person_id, purpose, reference);

CREATE INDEX ix_pay_order_state ON pay_order (state, created_at);

CREATE UNIQUE INDEX uq_pay_order_fulfilled ON pay_order (person_id, purpose, reference) WHERE fulfilled_at IS NOT NULL;

CREATE UNIQUE INDEX uq_pay_order_intent ON pay_order (gateway, intent);

CREATE UNIQUE INDEX uq_pay_order_open ON pay_order (person_id, purpose, reference) WHERE state IN ('created', 'open', 'processing');

CREATE UNIQUE INDEX uq_pay_order_session ON pay_order (gateway, session_ref);

CREATE TABLE billing_document (
	id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	order_id INTEGER, 
	kind TEXT NOT NULL, 
	series TEXT NOT NULL, 
	fiscal_year TEXT NOT NULL, 
	number BIGINT NOT NULL, 
	credits BIGINT, 
	source TEXT NOT NULL, 
	currency TEXT NOT NULL, 
	total_minor BIGINT NOT NULL, 
	snapshot BLOB NOT NULL, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_billing_document PRIMARY KEY (id), 
	CONSTRAINT ck_billing_document_credit_names_its_document CHECK ((kind = 'credit_note') = (credits IS NOT NULL)), 
	CONSTRAINT ck_billing_document_kind_known CHECK (kind = 'receipt' OR kind = 'invoice' OR kind = 'credit_note'), 
	CONSTRAINT fk_billing_document_order_id_pay_order FOREIGN KEY(order_id) REFERENCES pay_order (id), 
	CONSTRAINT fk_billing_document_person_id_person FOREIGN KEY(person_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE INDEX ix_billing_document_order ON billing_document (order_id, id);

CREATE INDEX ix_billing_document_person ON billing_document (person_id, id);

CREATE UNIQUE INDEX uq_billing_document_number ON billing_document (series, fiscal_year, number);

CREATE UNIQUE INDEX uq_billing_document_source ON billing_document (source);

CREATE TABLE order_refund (
	id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	order_id INTEGER NOT NULL, 
	action TEXT NOT NULL, 
	amount_minor BIGINT NOT NULL, 
	reason TEXT NOT NULL, 
	note BLOB, 
	state TEXT NOT NULL, 
	gateway_ref TEXT, 
	actor TEXT NOT NULL, 
	at BIGINT NOT NULL, 
	settled_at BIGINT, 
	CONSTRAINT pk_order_refund PRIMARY KEY (id), 
	CONSTRAINT ck_order_refund_reason_known CHECK (reason = 'duplicate' OR reason = 'fraudulent' OR reason = 'requested_by_customer'), 
	CONSTRAINT ck_order_refund_state_known CHECK (state = 'requested' OR state = 'pending' OR state = 'succeeded' OR state = 'failed'), 
	CONSTRAINT ck_order_refund_amount_positive CHECK (amount_minor > 0), 
	CONSTRAINT fk_order_refund_order_id_pay_order FOREIGN KEY(order_id) REFERENCES pay_order (id), 
	CONSTRAINT fk_order_refund_person_id_person FOREIGN KEY(person_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED, 
	CONSTRAINT uq_order_refund_gateway_ref UNIQUE (gateway_ref), 
	CONSTRAINT uq_order_refund_order_id_action UNIQUE (order_id, action)
);

CREATE INDEX ix_order_refund_person ON order_refund (person_id, id);

CREATE TABLE coupon_batch (
	id INTEGER NOT NULL, 
	prefix TEXT NOT NULL, 
	name TEXT NOT NULL, 
	size INTEGER NOT NULL, 
	creator TEXT NOT NULL, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_coupon_batch PRIMARY KEY (id), 
	CONSTRAINT ck_coupon_batch_size_positive CHECK (size > 0)
);

CREATE TABLE coupon (
	id INTEGER NOT NULL, 
	code TEXT NOT NULL, 
	folded TEXT, 
	batch_id INTEGER, 
	name TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	bps INTEGER, 
	amount_minor BIGINT, 
	currency TEXT, 
	feature TEXT, 
	quantity BIGINT, 
	most_off_minor BIGINT, 
	least_price_minor BIGINT, 
	products TEXT NOT NULL, 
	plans TEXT NOT NULL, 
	channels TEXT NOT NULL, 
	starts_at BIGINT NOT NULL, 
	ends_at BIGINT, 
	max_uses INTEGER, 
	max_per_person INTEGER NOT NULL, 
	first_purchase BOOLEAN NOT NULL, 
	assigned_to BIGINT, 
	status TEXT NOT NULL, 
	creator TEXT NOT NULL, 
	at BIGINT NOT NULL, 
	taken INTEGER NOT NULL, 
	CONSTRAINT pk_coupon PRIMARY KEY (id), 
	CONSTRAINT ck_coupon_amount_stated CHECK ((kind = 'amount') = (amount_minor IS NOT NULL)), 
	CONSTRAINT ck_coupon_grant_stated CHECK ((kind = 'grant') = (feature IS NOT NULL AND quantity IS NOT NULL)), 
	CONSTRAINT ck_coupon_percent_stated CHECK ((kind = 'percent') = (bps IS NOT NULL)), 
	CONSTRAINT ck_coupon_kind_known CHECK (kind = 'percent' OR kind = 'amount' OR kind = 'grant'), 
	CONSTRAINT ck_coupon_status_known CHECK (status = 'active' OR status = 'off'), 
	CONSTRAINT ck_coupon_amount_positive CHECK (amount_minor IS NULL OR (amount_minor > 0 AND currency IS NOT NULL)), 
	CONSTRAINT ck_coupon_percent_in_range CHECK (bps IS NULL OR (bps > 0 AND bps <= 10000)), 
	CONSTRAINT ck_coupon_ends CHECK (ends_at IS NULL OR ends_at > starts_at), 
	CONSTRAINT ck_coupon_per_person_positive CHECK (max_per_person > 0), 
	CONSTRAINT ck_coupon_uses_positive CHECK (max_uses IS NULL OR max_uses > 0), 
	CONSTRAINT ck_coupon_taken_positive CHECK (taken >= 0), 
	CONSTRAINT fk_coupon_batch_id_coupon_batch FOREIGN KEY(batch_id) REFERENCES coupon_batch (id)
);

CREATE INDEX ix_coupon_assigned ON coupon (assigned_to);

CREATE INDEX ix_coupon_batch ON coupon (batch_id);

CREATE UNIQUE INDEX uq_coupon_code ON coupon (code);

CREATE UNIQUE INDEX uq_coupon_folded ON coupon (folded);

CREATE TABLE coupon_guess (
	id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_coupon_guess PRIMARY KEY (id), 
	CONSTRAINT fk_coupon_guess_person_id_person FOREIGN KEY(person_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE INDEX ix_coupon_guess_person ON coupon_guess (person_id, at);

CREATE TABLE coupon_choice (
	person_id INTEGER NOT NULL, 
	coupon_id BIGINT NOT NULL, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_coupon_choice PRIMARY KEY (person_id), 
	CONSTRAINT fk_coupon_choice_person_id_person FOREIGN KEY(person_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE coupon_use (
	id INTEGER NOT NULL, 
	coupon_id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	ordinal INTEGER, 
	operation TEXT NOT NULL, 
	product TEXT NOT NULL, 
	state TEXT NOT NULL, 
	currency TEXT NOT NULL, 
	price_minor BIGINT NOT NULL, 
	discount_minor BIGINT NOT NULL, 
	is_late BOOLEAN NOT NULL, 
	reserved_at BIGINT NOT NULL, 
	redeemed_at BIGINT, 
	released_at BIGINT, 
	CONSTRAINT pk_coupon_use PRIMARY KEY (id), 
	CONSTRAINT ck_coupon_use_ordinal_held CHECK ((state = 'released') = (ordinal IS NULL)), 
	CONSTRAINT ck_coupon_use_state_known CHECK (state = 'reserved' OR state = 'redeemed' OR state = 'released'), 
	CONSTRAINT ck_coupon_use_discount_of_price CHECK (discount_minor >= 0 AND discount_minor <= price_minor), 
	CONSTRAINT fk_coupon_use_coupon_id_coupon FOREIGN KEY(coupon_id) REFERENCES coupon (id), 
	CONSTRAINT fk_coupon_use_person_id_person FOREIGN KEY(person_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE INDEX ix_coupon_use_person ON coupon_use (person_id, coupon_id);

CREATE UNIQUE INDEX uq_coupon_use_operation ON coupon_use (operation);

CREATE UNIQUE INDEX uq_coupon_use_ordinal ON coupon_use (coupon_id, person_id, ordinal);

CREATE TABLE star_charge (
	id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	order_id BIGINT, 
	charge TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	amount BIGINT NOT NULL, 
	payer BLOB NOT NULL, 
	paid_until BIGINT, 
	bonus_days INTEGER NOT NULL, 
	held TEXT, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_star_charge PRIMARY KEY (id), 
	CONSTRAINT ck_star_charge_kind_known CHECK (kind = 'once' OR kind = 'renewal'), 
	CONSTRAINT ck_star_charge_bonus_positive CHECK (bonus_days >= 0), 
	CONSTRAINT fk_star_charge_person_id_person FOREIGN KEY(person_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE INDEX ix_star_charge_order ON star_charge (order_id);

CREATE INDEX ix_star_charge_person ON star_charge (person_id, id);

CREATE UNIQUE INDEX uq_star_charge_charge ON star_charge (charge);

CREATE INDEX ix_person_merged_into ON person (merged_into) WHERE merged_into IS NOT NULL;

CREATE INDEX ix_link_person ON link (person_id) WHERE person_id IS NOT NULL;

CREATE TABLE person_code (
	id INTEGER NOT NULL, 
	person_id BIGINT NOT NULL, 
	address_id BIGINT NOT NULL, 
	purpose TEXT NOT NULL, 
	hash BLOB NOT NULL, 
	token_hash BLOB, 
	tries INTEGER NOT NULL, 
	expires_at BIGINT NOT NULL, 
	used_at BIGINT, 
	ended_at BIGINT, 
	answered_from BIGINT, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_person_code PRIMARY KEY (id), 
	CONSTRAINT ck_person_code_purpose_known CHECK (purpose = 'link' OR purpose = 'export' OR purpose = 'delete')
);

CREATE INDEX ix_person_code_person ON person_code (person_id, purpose, at);

CREATE UNIQUE INDEX uq_person_code_live ON person_code (person_id, purpose) WHERE used_at IS NULL AND ended_at IS NULL;

CREATE UNIQUE INDEX uq_person_code_hash ON person_code (hash) WHERE purpose = 'link' AND used_at IS NULL AND ended_at IS NULL;

CREATE INDEX ix_person_code_token ON person_code (token_hash) WHERE token_hash IS NOT NULL;

CREATE INDEX ix_person_code_overdue ON person_code (expires_at) WHERE purpose = 'link' AND used_at IS NULL AND ended_at IS NULL;

CREATE TABLE person_merge (
	id INTEGER NOT NULL, 
	survivor_id BIGINT NOT NULL, 
	absorbed_id BIGINT NOT NULL, 
	actor TEXT NOT NULL, 
	manifest BLOB, 
	at BIGINT NOT NULL, 
	undone_at BIGINT, 
	CONSTRAINT pk_person_merge PRIMARY KEY (id)
);

CREATE INDEX ix_person_merge_survivor ON person_merge (survivor_id, id);

CREATE UNIQUE INDEX uq_person_merge_absorbed ON person_merge (absorbed_id) WHERE undone_at IS NULL;

CREATE TABLE support_rule (
	id INTEGER NOT NULL, 
	kind TEXT NOT NULL, 
	body TEXT NOT NULL, 
	actor TEXT NOT NULL, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_support_rule PRIMARY KEY (id), 
	CONSTRAINT ck_support_rule_kind_known CHECK (kind = 'calendar' OR kind = 'targets' OR kind = 'enforce_from' OR kind = 'assignment')
);

CREATE TABLE support_staff (
	operator_id BIGINT NOT NULL, 
	skills TEXT NOT NULL, 
	languages TEXT NOT NULL, 
	capacity INTEGER NOT NULL, 
	available BOOLEAN NOT NULL, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_support_staff PRIMARY KEY (operator_id), 
	CONSTRAINT ck_support_staff_capacity_positive CHECK (capacity > 0)
);

CREATE TABLE support_outcome (
	id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	ticket_id BIGINT NOT NULL, 
	clock TEXT NOT NULL, 
	operator_id BIGINT, 
	category TEXT NOT NULL, 
	priority TEXT NOT NULL, 
	met BOOLEAN NOT NULL, 
	took_seconds BIGINT NOT NULL, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_support_outcome PRIMARY KEY (id), 
	CONSTRAINT ck_support_outcome_clock_known CHECK (clock = 'first' OR clock = 'next' OR clock = 'resolution'), 
	CONSTRAINT fk_support_outcome_person_id_person FOREIGN KEY(person_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE INDEX ix_support_outcome_at ON support_outcome (at);

CREATE INDEX ix_support_outcome_operator ON support_outcome (operator_id, at);

CREATE INDEX ix_support_outcome_person ON support_outcome (person_id, id);

CREATE INDEX ix_support_assignment_operator ON support_assignment (operator_id, at);

CREATE INDEX ix_support_ticket_assignee ON support_ticket (assignee, state);

CREATE TABLE support_draft (
	id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	ticket_id BIGINT NOT NULL, 
	operator_id BIGINT NOT NULL, 
	body BLOB NOT NULL, 
	model TEXT NOT NULL, 
	state TEXT NOT NULL, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_support_draft PRIMARY KEY (id), 
	CONSTRAINT ck_support_draft_state_known CHECK (state = 'proposed' OR state = 'sent' OR state = 'edited' OR state = 'discarded'), 
	CONSTRAINT fk_support_draft_person_id_person FOREIGN KEY(person_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE INDEX ix_support_draft_person ON support_draft (person_id);

CREATE TABLE support_pair (
	id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	message_id BIGINT NOT NULL, 
	place TEXT NOT NULL, 
	chat BIGINT NOT NULL, 
	number BIGINT NOT NULL, 
	CONSTRAINT pk_support_pair PRIMARY KEY (id), 
	CONSTRAINT ck_support_pair_place_known CHECK (place = 'group' OR place = 'person'), 
	CONSTRAINT fk_support_pair_person_id_person FOREIGN KEY(person_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED, 
	CONSTRAINT uq_support_pair_place_chat_number UNIQUE (place, chat, number)
);

CREATE INDEX ix_support_pair_message ON support_pair (message_id, place);

CREATE INDEX ix_support_pair_person ON support_pair (person_id);

CREATE TABLE support_post (
	id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	ticket_id BIGINT, 
	kind TEXT NOT NULL, 
	rank INTEGER NOT NULL, 
	body BLOB NOT NULL, 
	files TEXT NOT NULL, 
	buttons TEXT NOT NULL, 
	message_id BIGINT, 
	reply_to BIGINT, 
	number BIGINT, 
	state TEXT NOT NULL, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_support_post PRIMARY KEY (id), 
	CONSTRAINT ck_support_post_kind_known CHECK (kind = 'card' OR kind = 'header' OR kind = 'person' OR kind = 'staff' OR kind = 'note' OR kind = 'system'), 
	CONSTRAINT ck_support_post_state_known CHECK (state = 'waiting' OR state = 'sent' OR state = 'failed' OR state = 'gone'), 
	CONSTRAINT fk_support_post_person_id_person FOREIGN KEY(person_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE INDEX ix_support_post_person ON support_post (person_id, id);

CREATE INDEX ix_support_post_waiting ON support_post (person_id, rank, id) WHERE state = 'waiting';

CREATE TABLE support_topic (
	person_id INTEGER NOT NULL, 
	chat_id BIGINT NOT NULL, 
	thread_id BIGINT, 
	title TEXT NOT NULL, 
	asked BIGINT, 
	losses INTEGER NOT NULL, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_support_topic PRIMARY KEY (person_id), 
	CONSTRAINT fk_support_topic_person_id_person FOREIGN KEY(person_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED, 
	CONSTRAINT uq_support_topic_chat_id_thread_id UNIQUE (chat_id, thread_id)
);

CREATE TABLE webhook_delivery (
	id INTEGER NOT NULL, 
	person_id BIGINT, 
	subscription_id BIGINT NOT NULL, 
	event TEXT NOT NULL, 
	body BLOB NOT NULL, 
	state TEXT NOT NULL, 
	attempts INTEGER NOT NULL, 
	error TEXT, 
	begun_at BIGINT NOT NULL, 
	done_at BIGINT, 
	CONSTRAINT pk_webhook_delivery PRIMARY KEY (id), 
	CONSTRAINT ck_webhook_delivery_state_known CHECK (state = 'waiting' OR state = 'done' OR state = 'dead' OR state = 'dropped')
);

CREATE INDEX ix_webhook_delivery_dead ON webhook_delivery (id) WHERE state = 'dead';

CREATE INDEX ix_webhook_delivery_person ON webhook_delivery (person_id, id);

CREATE INDEX ix_webhook_delivery_subscription ON webhook_delivery (subscription_id, state, id);

CREATE TABLE broadcast (
	id INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	state TEXT NOT NULL, 
	body TEXT NOT NULL, 
	version INTEGER NOT NULL, 
	cursor BIGINT NOT NULL, 
	author TEXT NOT NULL, 
	at BIGINT NOT NULL, 
	sent_at BIGINT, 
	ended_at BIGINT, 
	CONSTRAINT pk_broadcast PRIMARY KEY (id), 
	CONSTRAINT ck_broadcast_state_known CHECK (state = 'draft' OR state = 'freezing' OR state = 'sending' OR state = 'stopped' OR state = 'done'), 
	CONSTRAINT uq_broadcast_number UNIQUE (number)
);

CREATE TABLE flag (
	name TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	value TEXT NOT NULL, 
	actor TEXT NOT NULL, 
	since BIGINT NOT NULL, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_flag PRIMARY KEY (name), 
	CONSTRAINT ck_flag_kind_known CHECK (kind = 'release' OR kind = 'operational' OR kind = 'kill_switch'), 
	CONSTRAINT ck_flag_value_known CHECK (value = 'on' OR value = 'off')
);

CREATE TABLE organisation (
	version INTEGER NOT NULL, 
	body BLOB NOT NULL, 
	actor TEXT NOT NULL, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_organisation PRIMARY KEY (version)
);

CREATE TABLE quote_counter (
	name TEXT NOT NULL, 
	value BIGINT NOT NULL, 
	CONSTRAINT pk_quote_counter PRIMARY KEY (name)
);

CREATE TABLE broadcast_recipient (
	broadcast_id BIGINT NOT NULL, 
	person_id INTEGER NOT NULL, 
	address_id BIGINT NOT NULL, 
	channel TEXT NOT NULL, 
	state TEXT NOT NULL, 
	why TEXT, 
	inbox_id BIGINT, 
	CONSTRAINT pk_broadcast_recipient PRIMARY KEY (broadcast_id, person_id), 
	CONSTRAINT ck_broadcast_recipient_state_known CHECK (state = 'waiting' OR state = 'queued' OR state = 'sent' OR state = 'skipped'), 
	CONSTRAINT fk_broadcast_recipient_person_id_person FOREIGN KEY(person_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE INDEX ix_broadcast_recipient_person ON broadcast_recipient (person_id);

CREATE INDEX ix_broadcast_recipient_waiting ON broadcast_recipient (broadcast_id, person_id) WHERE state = 'waiting';

CREATE TABLE quote (
	id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	number BIGINT NOT NULL, 
	contact_id BIGINT, 
	state TEXT NOT NULL, 
	current INTEGER NOT NULL, 
	wished_bps INTEGER, 
	order_id BIGINT, 
	link BLOB, 
	source TEXT NOT NULL, 
	expires_at BIGINT NOT NULL, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_quote PRIMARY KEY (id), 
	CONSTRAINT ck_quote_state_known CHECK (state = 'draft' OR state = 'sent' OR state = 'negotiated' OR state = 'accepted' OR state = 'declined' OR state = 'expired' OR state = 'paid'), 
	CONSTRAINT fk_quote_person_id_person FOREIGN KEY(person_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED, 
	CONSTRAINT uq_quote_number UNIQUE (number), 
	CONSTRAINT uq_quote_source UNIQUE (source)
);

CREATE INDEX ix_quote_person ON quote (person_id, id);

CREATE TABLE quote_contact (
	id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	hash BLOB NOT NULL, 
	body BLOB NOT NULL, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_quote_contact PRIMARY KEY (id), 
	CONSTRAINT fk_quote_contact_person_id_person FOREIGN KEY(person_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED, 
	CONSTRAINT uq_quote_contact_person_id_hash UNIQUE (person_id, hash)
);

CREATE TABLE quote_version (
	quote_id BIGINT NOT NULL, 
	number INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	currency TEXT NOT NULL, 
	subtotal_minor BIGINT NOT NULL, 
	discount_minor BIGINT NOT NULL, 
	tax_minor BIGINT NOT NULL, 
	total_minor BIGINT NOT NULL, 
	body BLOB NOT NULL, 
	locked_at BIGINT, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_quote_version PRIMARY KEY (quote_id, number), 
	CONSTRAINT ck_quote_version_discount_within CHECK (subtotal_minor >= discount_minor AND discount_minor >= 0), 
	CONSTRAINT fk_quote_version_person_id_person FOREIGN KEY(person_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE INDEX ix_quote_version_person ON quote_version (person_id, quote_id);

CREATE INDEX ix_consent_offers ON consent (person_id, hash) WHERE kind = 'offers' AND ended_at IS NULL;

CREATE INDEX ix_outbox_offer ON outbox (inbox_id) WHERE purpose = 'offer';

CREATE INDEX ix_pay_order_paid ON pay_order (paid_at);

CREATE INDEX ix_plan_invoice_paid ON plan_invoice (paid_at);

CREATE TABLE receipt_bill (
	id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	state TEXT NOT NULL, 
	day DATE NOT NULL, 
	body BLOB NOT NULL, 
	CONSTRAINT pk_receipt_bill PRIMARY KEY (id), 
	CONSTRAINT ck_receipt_bill_state_known CHECK (state = 'offered' OR state = 'set' OR state = 'ended'), 
	CONSTRAINT fk_receipt_bill_person_id_person FOREIGN KEY(person_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE INDEX ix_receipt_bill_day ON receipt_bill (person_id, day);

CREATE TABLE dispute (
	id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	kind TEXT NOT NULL, 
	subject BIGINT NOT NULL, 
	label TEXT NOT NULL, 
	ref TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	amount_minor BIGINT NOT NULL, 
	currency TEXT NOT NULL, 
	state TEXT NOT NULL, 
	allowed BOOLEAN NOT NULL, 
	due_at BIGINT, 
	evidence BLOB, 
	opened_at BIGINT NOT NULL, 
	closed_at BIGINT, 
	CONSTRAINT pk_dispute PRIMARY KEY (id), 
	CONSTRAINT ck_dispute_state_known CHECK (state = 'open' OR state = 'won' OR state = 'lost'), 
	CONSTRAINT fk_dispute_person_id_person FOREIGN KEY(person_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED, 
	CONSTRAINT uq_dispute_kind_subject UNIQUE (kind, subject)
);

CREATE TABLE "webhook_subscription" (
	id INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	url BLOB NOT NULL, 
	events TEXT NOT NULL, 
	secret BLOB NOT NULL, 
	old_secret BLOB, 
	old_until BIGINT, 
	active BOOLEAN NOT NULL, 
	seq BIGINT NOT NULL, 
	failing_since BIGINT, 
	actor TEXT NOT NULL, 
	at BIGINT NOT NULL, 
	person_id INTEGER, 
	CONSTRAINT pk_webhook_subscription PRIMARY KEY (id), 
	CONSTRAINT uq_webhook_subscription_name UNIQUE (name), 
	CONSTRAINT fk_webhook_subscription_person_id_person FOREIGN KEY(person_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE INDEX ix_webhook_subscription_person ON webhook_subscription (person_id, id);

CREATE TABLE support_ban (
	person_id INTEGER NOT NULL, 
	kind TEXT NOT NULL, 
	reason BLOB NOT NULL, 
	actor TEXT NOT NULL, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_support_ban PRIMARY KEY (person_id), 
	CONSTRAINT ck_support_ban_kind_known CHECK (kind = 'ban' OR kind = 'shadow'), 
	CONSTRAINT fk_support_ban_person_id_person FOREIGN KEY(person_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE INDEX ix_dispute_label ON dispute (label);

CREATE INDEX ix_dispute_person ON dispute (person_id, kind);

CREATE INDEX ix_dispute_state ON dispute (state, due_at);

INSERT INTO alembic_version (version_num) VALUES ('0022');

