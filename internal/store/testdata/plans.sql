-- A workspace :ws of :n contacts, and of everything else in proportion, for TestPostgresPlans. psql runs it too:
-- psql -v ws="'main'" -v n=1000000 -f plans.sql

CREATE OR REPLACE FUNCTION word(i BIGINT) RETURNS TEXT LANGUAGE sql IMMUTABLE AS $$ SELECT translate(to_hex((i * 2654435761) % 68719476736), '0123456789abcdef', 'aeioulnrstmdkvpb') $$;

INSERT INTO workspaces (id, name, timezone, region, secret, created_at)
VALUES (:ws, 'Acme', 'UTC', 'US', repeat('0', 64), 1700000000) ON CONFLICT DO NOTHING;

INSERT INTO admins (workspace_id, id, name, name_fold, email, job_title, avatar, away_mode_enabled, away_mode_reassign, has_inbox_seat, owner,
	created_at, updated_at)
SELECT :ws, i, 'Admin ' || i, 'admin ' || i, 'admin' || i || '@acme.test', '', '', FALSE, FALSE, TRUE, FALSE, 1, 1
FROM generate_series(2, 40) i ON CONFLICT DO NOTHING;

INSERT INTO teams (workspace_id, id, name, created_at) SELECT :ws, i, 'Team ' || i, 1 FROM generate_series(1, 8) i;

INSERT INTO data_attributes (workspace_id, id, model, name, label, description, data_type, options, messenger_writable, archived, admin_id,
	created_at, updated_at)
SELECT :ws, i, model, name, name, '', type, '[]', FALSE, FALSE, 1, 1, 1
FROM (VALUES (1001, 'contact', 'plan', 'string'), (1002, 'contact', 'seats', 'integer'), (1003, 'contact', 'vip', 'boolean'),
	(1004, 'contact', 'account', 'string'), (1005, 'company', 'tier', 'integer'), (1006, 'conversation', 'topic', 'string')) a (i, model, name, type);

-- Four in five are users; one in a hundred is archived and one in fifty a visitor.
INSERT INTO contacts (workspace_id, id, role, external_id, external_id_fold, email, email_fold, email_domain, phone, phone_fold, name, name_fold,
	owner_id, unsubscribed_from_emails, marked_email_as_spam, has_hard_bounced, created_at, updated_at, signed_up_at, last_seen_at,
	last_replied_at, last_contacted_at, archived_at, session_count, profile, attributes, searchable)
SELECT :ws, '65' || lpad(to_hex(i), 22, '0'), role, ext, lower(ext), mail, mail, domain, phone, phone, name, lower(name),
	CASE WHEN i % 2 = 0 THEN 1 + i % 39 END, i % 25 = 0, i % 500 = 0, i % 200 = 0, at, at + (i % 91) * 3600,
	CASE WHEN role = 'user' THEN at END, CASE WHEN i % 3 > 0 THEN 1700000000 + (i::bigint * 7919 % 5000000) END,
	CASE WHEN i % 5 = 0 THEN 1700000000 + i % 4000000 END, CASE WHEN i % 4 = 0 THEN 1700000000 + i % 3000000 END,
	CASE WHEN i % 100 = 7 THEN 1705000000 END, i % 50, '{}',
	jsonb_build_object('plan', plan, 'seats', i % 1000, 'vip', i % 50 = 0, 'account', 'a-' || i / 4),
	jsonb_build_object('custom_attributes.plan', plan, 'custom_attributes.seats', i % 1000, 'custom_attributes.vip', (i % 50 = 0)::text,
		'custom_attributes.account', 'a-' || i / 4, 'location.country', country, 'browser', 'chrome')
FROM (SELECT i, CASE WHEN i % 50 = 49 THEN 'visitor' WHEN i % 5 = 0 THEN 'lead' ELSE 'user' END AS role,
		CASE WHEN i % 5 > 0 THEN 'u-' || i END AS ext, 'person.' || i || '@' || word(i % 997) || '.test' AS mail, word(i % 997) || '.test' AS domain,
		CASE WHEN i % 2 = 0 THEN '+1555' || lpad(i::text, 8, '0') END AS phone,
		initcap(word(i * 31 % 4099) || ' ' || word(i * 17 % 8191)) AS name, 1690000000 + (i::bigint * 10000000 / :n) AS at,
		(ARRAY['free', 'free', 'free', 'pro', 'free', 'free', 'pro', 'free', 'free', 'enterprise'])[1 + i % 10] AS plan,
		(ARRAY['ireland', 'france', 'germany', 'brazil', 'japan'])[1 + i * 7 % 5] AS country
	FROM generate_series(1, :n) i) p;

INSERT INTO plans (workspace_id, id, name) SELECT :ws, i, 'Plan ' || i FROM generate_series(1, 5) i;
INSERT INTO companies (workspace_id, id, company_id, name, name_fold, plan_id, size, website, industry, monthly_spend, session_count,
	remote_created_at, created_at, updated_at, last_request_at, attributes, searchable)
SELECT :ws, '66' || lpad(to_hex(i), 22, '0'), 'c-' || i, 'Company ' || word(i), 'company ' || word(i), 1 + i % 5, i % 900, NULL, NULL, i % 5000, 0,
	1, 1690000000 + i, 1690000000 + i, CASE WHEN i % 3 = 0 THEN 0 ELSE 1700000000 + (i::bigint * 7919 % 900000) END,
	jsonb_build_object('tier', i % 4), jsonb_build_object('custom_attributes.tier', i % 4, 'company_id', 'c-' || i, 'plan', 'plan ' || 1 + i % 5)
FROM generate_series(1, :n / 20) i;

-- One company in two hundred of the contacts is large, and the rest are small.
INSERT INTO contact_companies (workspace_id, contact_id, company_id, created_at)
SELECT :ws, '65' || lpad(to_hex(i), 22, '0'), '66' || lpad(to_hex(CASE WHEN i % 200 = 0 THEN 1 ELSE 1 + i % (:n / 20 - 1) END), 22, '0'), 1700000000 + i
FROM generate_series(1, :n) i WHERE i % 5 < 3;

-- The first tag is on one contact in four, the last of them on a handful.
INSERT INTO tags (workspace_id, id, name, name_fold, created_at, created_by) SELECT :ws, i, 'Tag ' || i, 'tag ' || i, 1, 1 FROM generate_series(1, 60) i;
INSERT INTO contact_tags (workspace_id, contact_id, tag_id, applied_at, applied_by)
SELECT :ws, '65' || lpad(to_hex(i), 22, '0'), CASE WHEN i % 4 = 0 THEN 1 WHEN i <= 50 THEN 60 ELSE 2 + i % 57 END, 1700000000, 1
FROM generate_series(1, :n) i WHERE i % 4 < 2;
INSERT INTO company_tags (workspace_id, company_id, tag_id, applied_at, applied_by)
SELECT :ws, '66' || lpad(to_hex(i), 22, '0'), CASE WHEN i % 3 = 0 THEN 1 WHEN i <= 20 THEN 60 ELSE 2 + i % 57 END, 1700000000, 1
FROM generate_series(1, :n / 20) i;

INSERT INTO segments (workspace_id, id, name, person_type, filter, created_at, updated_at) VALUES
	(:ws, 'aaaaaaaaaaaaaaaaaaaaaaa1', 'Owned', 'user', '{"operator":"=","field":"owner_id","value":7}', 1, 1),
	(:ws, 'aaaaaaaaaaaaaaaaaaaaaaa2', 'Tagged', 'user', '{"operator":"=","field":"tag_id","value":"60"}', 1, 1),
	(:ws, 'aaaaaaaaaaaaaaaaaaaaaaa3', 'Large', 'company', '{"operator":">","field":"monthly_spend","value":4990}', 1, 1);

INSERT INTO notes (workspace_id, id, contact_id, admin_id, body, created_at)
SELECT :ws, i, '65' || lpad(to_hex(CASE WHEN i % 10 = 0 THEN 1 ELSE i END), 22, '0'), 2 + i % 39, '<p>Note</p>', 1700000000 + i FROM generate_series(1, :n / 10) i;

INSERT INTO subscription_types (workspace_id, id, state, consent_type, default_locale, translations, content_types, created_at)
SELECT :ws, i, 'live', 'opt_out', 'en', '[]', '["email"]', 1 FROM generate_series(1, 4) i;
INSERT INTO contact_subscriptions (workspace_id, contact_id, subscription_type_id, consent_type, created_at)
SELECT :ws, '65' || lpad(to_hex(i), 22, '0'), 1 + i % 4, 'opt_out', 1 FROM generate_series(1, :n / 5) i;

INSERT INTO data_events (workspace_id, contact_id, created_at, name, id, metadata)
SELECT :ws, '65' || lpad(to_hex(CASE WHEN i % 10 = 0 THEN 1 ELSE i END), 22, '0'), 1700000000 + i, 'opened-' || i % 7, 'e-' || i, '[]' FROM generate_series(1, :n) i;
INSERT INTO data_event_summaries (workspace_id, contact_id, name, count, first_at, last_at)
SELECT workspace_id, contact_id, name, count(*), min(created_at), max(created_at) FROM data_events WHERE workspace_id = :ws GROUP BY 1, 2, 3;

-- One conversation in twenty is a ticket, and of the others one in twenty open, with one in ten of those snoozed.
INSERT INTO conversations (workspace_id, id, kind, created_at, updated_at, state, read, priority, title, waiting_since, snoozed_until,
	admin_assignee_id, team_assignee_id, rating, attributes, searchable, first_contact_reply_at, last_close_at, median_time_to_reply,
	count_reopens, count_assignments, count_parts)
SELECT :ws, i, CASE WHEN i % 20 = 3 THEN 'ticket' ELSE 'conversation' END, at, at + (i % 91) * 3600, state, i % 3 > 0, i % 40 = 0, NULL,
	CASE WHEN state = 'open' AND i % 3 > 0 THEN at END, CASE WHEN state = 'snoozed' THEN 1800000000 END,
	CASE WHEN i % 7 > 0 THEN 1 + i % 39 END, CASE WHEN i % 3 = 0 THEN 1 + i / 7 % 8 END, CASE WHEN i % 10 = 0 THEN 1 + i % 5 END,
	'{}', jsonb_build_object('custom_attributes.topic', word(i % 301)), at + 60, CASE WHEN state = 'closed' THEN at + 7200 END, i % 86400, i % 3, i % 4, 3
FROM (SELECT i, 1690000000 + (i::bigint * 10000000 / (:n / 5)) AS at,
	CASE WHEN i % 200 = 0 THEN 'snoozed' WHEN i % 20 = 0 THEN 'open' ELSE 'closed' END AS state FROM generate_series(1, :n / 5) i) c;
INSERT INTO totals (workspace_id, name, total) SELECT :ws, 'conversations', count(*) FROM conversations WHERE workspace_id = :ws AND kind = 'conversation';
INSERT INTO conversation_sources (workspace_id, conversation_id, id, type, delivered_as, subject, subject_fold, body, text_fold, author_type,
	contact_id, admin_id, url, url_fold, redacted)
SELECT :ws, i, i, 'conversation', CASE WHEN i % 9 = 0 THEN 'admin_initiated' ELSE 'customer_initiated' END, 'About ' || word(i), 'about ' || word(i),
	'<p>' || text || '</p>', text, CASE WHEN i % 9 = 0 THEN 'admin' ELSE 'user' END,
	CASE WHEN i % 9 > 0 THEN '65' || lpad(to_hex(1 + i % (:n / 8)), 22, '0') END, CASE WHEN i % 9 = 0 THEN 1 + i % 39 END, NULL, NULL, FALSE
FROM (SELECT i, 'hello i have a question about ' || word(i * 13 % 5003) || ' and the ' || word(i * 29 % 9001) || ' that ' || word(i) || ' sent me' AS text
	FROM generate_series(1, :n / 5) i WHERE i % 20 <> 3) s;
INSERT INTO conversation_words (workspace_id, word, conversation_id)
SELECT DISTINCT :ws, w, conversation_id FROM conversation_sources, unnest(string_to_array(text_fold, ' ')) w WHERE workspace_id = :ws AND length(w) > 3;
INSERT INTO conversation_contacts (workspace_id, conversation_id, contact_id)
SELECT :ws, i, '65' || lpad(to_hex(CASE WHEN i % 50 = 0 THEN 1 ELSE 1 + i % (:n / 8) END), 22, '0') FROM generate_series(1, :n / 5) i;
INSERT INTO conversation_parts (workspace_id, conversation_id, id, type, body, author_type, contact_id, admin_id, created_at, updated_at, redacted, details)
SELECT :ws, 1 + i / 3, i, 'comment', '<p>Words</p>', CASE WHEN i % 2 = 0 OR i / 3 % 20 = 2 THEN 'admin' ELSE 'user' END,
	CASE WHEN i % 2 > 0 AND i / 3 % 20 <> 2 THEN '65' || lpad(to_hex(1 + (1 + i / 3) % (:n / 8)), 22, '0') END,
	CASE WHEN i % 2 = 0 OR i / 3 % 20 = 2 THEN 1 + i % 39 END,
	1700000000 + i, 1700000000 + i, FALSE, '{}' FROM generate_series(1, :n / 5 * 3 - 1) i;
INSERT INTO conversation_teammates (workspace_id, conversation_id, admin_id) SELECT :ws, i, 2 + i % 39 FROM generate_series(1, :n / 5) i;
INSERT INTO conversation_tags (workspace_id, conversation_id, tag_id, applied_at, applied_by)
SELECT :ws, i, CASE WHEN i % 4 = 0 THEN 1 WHEN i <= 50 THEN 60 ELSE 2 + i % 57 END, 1700000000, 1 FROM generate_series(1, :n / 5) i WHERE i % 2 = 0;
INSERT INTO conversation_reply_times (workspace_id, conversation_id, seconds, part_id) SELECT :ws, i, i % 86400, i * 3 FROM generate_series(1, :n / 5) i;
INSERT INTO conversation_medians (workspace_id, conversation_id, replies, seconds, part_id) SELECT :ws, i, 1, i % 86400, i * 3 FROM generate_series(1, :n / 5) i;
INSERT INTO attachments (workspace_id, id, conversation_id, part_id, position, name, content_type, size, created_at)
SELECT :ws, 'f' || i, i, 0, 0, 'a.txt', 'text/plain', 1, 1 FROM generate_series(1, :n / 50) i;

INSERT INTO ticket_types (workspace_id, id, name, description, icon, internal, archived, created_at, updated_at)
SELECT :ws, i, 'Type ' || i, '', '', FALSE, FALSE, 1, 1 FROM generate_series(1, 3) i;
INSERT INTO ticket_type_attributes (workspace_id, id, ticket_type_id, name, description, data_type, multiline, allow_multiple, items, position,
	required_to_create, required_to_create_for_contacts, visible_on_create, visible_to_contacts, built_in, archived, created_at, updated_at)
SELECT :ws, i, 1 + i % 3, 'Attribute ' || i, '', 'string', FALSE, FALSE, '[]', i, FALSE, FALSE, TRUE, TRUE, FALSE, FALSE, 1, 1 FROM generate_series(1, 12) i;
INSERT INTO tickets (workspace_id, id, number, ticket_type_id, state, shared, company_id, attributes)
SELECT :ws, id, id, 1 + id % 3, 'submitted', TRUE, NULL, '{}' FROM conversations WHERE workspace_id = :ws AND kind = 'ticket';

INSERT INTO help_centers (workspace_id, id, identifier, display_name, website_turned_on, custom_domain, default_locale, locales, created_at, updated_at)
VALUES (:ws, 1, 'plans-' || :ws, 'Help', TRUE, NULL, 'en', '["fr"]', 1, 1) ON CONFLICT DO NOTHING;
INSERT INTO collections (workspace_id, id, help_center_id, parent_id, position, icon, created_at, updated_at)
SELECT :ws, i, 1, CASE WHEN i % 5 > 0 AND i > 5 THEN i - i % 5 END, i, '', 1, 1700000000 + i FROM generate_series(1, :n / 1000) i;
INSERT INTO collection_contents (workspace_id, collection_id, locale, name, description) SELECT :ws, i, 'en', 'Collection ' || i, '' FROM generate_series(1, :n / 1000) i;
INSERT INTO articles (workspace_id, id, help_center_id, parent_id, published, created_at, updated_at, views, conversations)
SELECT :ws, i, 1, 1 + i % (:n / 1000), i % 4 > 0, 1, 1700000000 + i, 0, 0 FROM generate_series(1, :n / 100) i;
INSERT INTO article_contents (workspace_id, article_id, locale, title, description, body, author_id, state, created_at, updated_at)
SELECT :ws, i, locale, 'How to ' || word(i), '', '<p>Words</p>', 1, 'published', 1, 1 FROM generate_series(1, :n / 100) i, unnest(ARRAY['en', 'fr']) locale;
INSERT INTO article_search (workspace_id, article_id, locale, keys, title, summary, body)
SELECT :ws, i, 'en', 'w' || :ws || ' d' || :ws || 'x' || i || 'xen', 'how to ' || word(i), '', 'first ' || word(i * 3) || ' then ' || word(i * 7) FROM generate_series(1, :n / 100) i;
INSERT INTO newsfeeds (workspace_id, id, name, created_at, updated_at) SELECT :ws, i, 'Feed ' || i, 1, i FROM generate_series(1, 5) i;
INSERT INTO news_items (workspace_id, id, title, body, sender_id, state, labels, reactions, deliver_silently, created_at, updated_at)
SELECT :ws, i, 'News ' || i, '', 2, 'live', '[]', '[]', FALSE, 1, 1700000000 + i FROM generate_series(1, :n / 500) i;
INSERT INTO newsfeed_assignments (workspace_id, news_item_id, newsfeed_id, published_at) SELECT :ws, i, 1 + i % 5, 1700000000 + i FROM generate_series(1, :n / 500) i;

INSERT INTO activity_logs (workspace_id, id, created_at, admin_id, email, ip, type, description, metadata)
SELECT :ws, 'l' || lpad(i::text, 12, '0'), 1690000000 + i, 1, 'a@acme.test', '', 'admin_login_success', '', '{}' FROM generate_series(1, :n / 20) i;
INSERT INTO messages (workspace_id, id, type, subject, body, template, admin_id, contact_id, created_at)
SELECT :ws, i, 'inapp', '', '<p>Hi</p>', 'plain', 1, '65' || lpad(to_hex(i), 22, '0'), 1700000000 + i FROM generate_series(1, :n / 20) i;

INSERT INTO events (workspace_id, id, topic, object_type, object_id, created_at)
SELECT :ws, 'ev' || i, 'contact.created', 'contact', '65' || lpad(to_hex(i), 22, '0'), 1700000000 FROM generate_series(1, :n / 10) i;
INSERT INTO deliveries (workspace_id, subscription_id, notification_id, object, state, attempts, failures, due_at, created_at)
SELECT :ws, 1 + i % 3, 'n' || i, 'contact ' || i, CASE WHEN i % 100 = 0 THEN 'dropped' ELSE 'delivered' END, 1, 0, NULL, 1700000000 FROM generate_series(1, :n / 10) i;
