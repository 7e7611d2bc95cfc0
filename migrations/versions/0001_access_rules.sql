-- Who may use the service. Rows are added and never changed; what ends is ended by a row. Sessions
-- note when they were last used and ended, and a pending sign-in is taken out when it is used.

DO $$
DECLARE
    name text;
BEGIN
    FOR name IN
        SELECT c.relname FROM pg_class c
        WHERE c.relkind = 'r' AND c.relnamespace = 'access'::regnamespace
          AND c.relname NOT IN ('sessions', 'pending_sign_ins')
    LOOP
        EXECUTE format(
            'CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON access.%I '
            'FOR EACH ROW EXECUTE FUNCTION public.refuse_change()', name);
        EXECUTE format(
            'CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON access.%I '
            'FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change()', name);
    END LOOP;
END
$$;

GRANT USAGE ON SCHEMA access TO outcomes_app, outcomes_service;
GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA access TO outcomes_app;
GRANT UPDATE (last_used_at, ended_at) ON access.sessions TO outcomes_app;
GRANT DELETE ON access.pending_sign_ins TO outcomes_app;
