import type { SchemaQuestions } from '../schema-questions.js'

export const postgresSchema: SchemaQuestions = {
  indexes: [
    'select t.relname as table_name, i.relname as index_name, x.indisunique as is_unique, a.attname as column_name',
    'from pg_index x join pg_class i on i.oid = x.indexrelid join pg_class t on t.oid = x.indrelid',
    'cross join lateral unnest(x.indkey) with ordinality as k(number, position)',
    'join pg_attribute a on a.attrelid = t.oid and a.attnum = k.number',
    "where t.relnamespace = current_schema()::regnamespace and t.relname like 'latchkey%' and x.indisvalid",
    'order by 1, 2, k.position',
  ].join(' '),
  texts: [
    'select table_name, column_name, collation_name as collation, character_maximum_length as most,',
    "is_nullable as nullable from information_schema.columns where table_schema = current_schema() and table_name like 'latchkey%'",
    "and data_type in ('text', 'character varying') order by 1, 2",
  ].join(' '),
  isBytewise: (collation) => ['C', 'POSIX', 'ucs_basic'].includes(collation ?? ''),
  makeBytewise: ({ table_name, column_name, most }) =>
    `alter table ${table_name} alter column ${column_name} type ${most === null ? 'text' : `varchar(${most})`} collate "C"`,
  mayMakeTables: "select has_schema_privilege(current_schema(), 'CREATE')::int as may",
}
