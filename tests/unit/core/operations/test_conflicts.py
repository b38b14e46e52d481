"""Which pairs of upgrades clash, and on what; most pairs do not."""

from __future__ import annotations

import textwrap

import pytest

from migmerge.core.operations.conflicts import Collision, collisions_between, may_meet
from migmerge.core.operations.interpreter.statements import read_operations
from migmerge.core.operations.operation import Action, ObjectKind, Operation, Unread
from migmerge.core.operations.side_changes import Side, Source
from migmerge.core.revision import Identifiers, Revision

ORDERS = "op.create_table('orders', sa.Column('id', sa.Integer()), sa.PrimaryKeyConstraint('id', name='pk_orders'))"
ADD_EMAIL = "op.add_column('users', sa.Column('email', sa.String(length=100), nullable=True))"
ALTER_EMAIL = "op.alter_column('users', 'email', existing_type=sa.VARCHAR(length=100), nullable=False)"
DROP_EMAIL = "op.drop_column('users', 'email')"
RENAME_EMAIL = "op.alter_column('users', 'email', new_column_name='mail', existing_type=sa.String())"
INDEX_EMAIL = "op.create_index(op.f('ix_users_email'), 'users', ['email'], unique=True)"
ADD_NAME = "op.add_column('users', sa.Column('name', sa.String(), nullable=True))"
RENAME_USERS = "op.rename_table('users', 'people')"
DROP_USERS = "op.drop_index(op.f('ix_users_name'), table_name='users')\nop.drop_table('users')"
FK_TO_USERS = (
    "op.create_table('carts', sa.Column('id', sa.Integer()), sa.Column('user_id', sa.Integer()),"
    " sa.ForeignKeyConstraint(['user_id'], ['users.id']), sa.PrimaryKeyConstraint('id'))"
)
STATUS_TABLE = "op.create_table('{}', sa.Column('status', sa.Enum('a', 'b', name='status')))"
CREATE_STATUS = "status = postgresql.ENUM('a', name='status')\nstatus.create(op.get_bind(), checkfirst=True)"
ORDERS_ALONE = "op.create_table('orders', sa.Column('id', sa.Integer()))"
UNIQUE_A = "op.create_unique_constraint('uq', 'a', ['x'])"
UNIQUE_B = "op.create_unique_constraint('uq', 'b', ['x'])"
INDEX_UQ = "op.create_index('uq', 'b', ['x'])"
TABLE_UQ = "op.create_table('uq', sa.Column('id', sa.Integer()))"
INDEXED_EMAIL = "op.add_column('users', sa.Column('email', sa.String(), index=True))"
INDEXED_ORDERS = "op.create_table('orders', sa.Column('id', sa.Integer()), sa.Column('no', sa.Text(), unique=True, index=True))"
BATCH = "with op.batch_alter_table('users', schema=None) as batch_op:\n    batch_op."
REBUILD_USERS = (
    "op.create_table('users_new', sa.Column('id', sa.Integer()))\nop.create_index('ix_new', 'users_new', ['id'])\n"
    "op.drop_table('users')\nop.rename_table('users_new', 'users')"
)
INSERT_ROLES = "op.bulk_insert(sa.table('roles', sa.column('name')), [{'name': 'admin'}])"

SQL = 'op.execute("{}")'
INSERT_USERS = SQL.format("INSERT INTO users (id) VALUES (1)")
REQUIRED = "op.add_column('users', sa.Column('phone', sa.Text(), nullable=False))"
REQUIRED_LATER = (
    "op.add_column('users', sa.Column('phone', sa.Text()))\nop.execute(\"UPDATE users SET phone = ''\")\n"
    "op.alter_column('users', 'phone', nullable=False)"
)
NEEDED = ["one side adds the column users.phone, which needs a value, and the other inserts rows without it"]
OMITTED = [
    (REQUIRED, INSERT_USERS, NEEDED),
    (REQUIRED_LATER, INSERT_USERS, NEEDED),
    (SQL.format("ALTER TABLE users ADD phone text NOT NULL"), INSERT_USERS, NEEDED),
    (REQUIRED, "op.bulk_insert(sa.table('users', sa.column('id')), [{'id': 1}])", NEEDED),
    (REQUIRED, "op.execute(sa.insert(sa.table('users', sa.column('id'))).values(id=1))", NEEDED),
    (REQUIRED.replace("nullable=False", "nullable=False, server_default='x'") + "\n"
     "op.alter_column('users', 'phone', server_default=None)", INSERT_USERS, NEEDED),
]  # fmt: skip
GIVEN = [
    (REQUIRED, SQL.format("INSERT INTO users (ID, Phone) VALUES (1, '')")),
    (REQUIRED, SQL.format("INSERT INTO users VALUES (1)")),
    (REQUIRED, SQL.format("INSERT INTO roles (id) VALUES (1)")),
    (REQUIRED.replace("nullable=False", "nullable=False, server_default='x'"), INSERT_USERS),
    (REQUIRED.replace("nullable=False", "nullable=True"), INSERT_USERS),
    (REQUIRED.replace("sa.Text()", "sa.Integer(), sa.Identity()"), INSERT_USERS),
    (REQUIRED_LATER + "\nop.alter_column('users', 'phone', server_default='')", INSERT_USERS),
    (REQUIRED_LATER + "\nop.drop_column('users', 'phone')", INSERT_USERS),
    (REQUIRED_LATER + "\nop.drop_table('users')\nop.create_table('users')\nop.drop_table('users')", "pass"),
    ("op.alter_column('users', 'phone', nullable=False)", INSERT_USERS),
    (SQL.format("ALTER TABLE users ADD phone text NOT NULL DEFAULT ''"), INSERT_USERS),
]
IN_SQL = [
    (SQL.format("DROP TABLE users"), ADD_EMAIL, ["one side drops the table users, to which the other adds the column email"]),
    (SQL.format("ALTER TABLE users ADD email text"), ADD_EMAIL, ["both sides add the column users.email"]),
    (DROP_EMAIL, SQL.format("INSERT INTO users (email) VALUES ('a')"), ["one side drops the column users.email, into which the other inserts rows"]),
    (DROP_EMAIL, SQL.format("UPDATE users SET email = 'a'"), ["one side drops the column users.email, to which the other refers"]),
    (DROP_EMAIL, SQL.format("UPDATE roles r SET a = u.email FROM users u"), ["one side drops the column users.email, to which the other refers"]),
    (RENAME_USERS, SQL.format("DELETE FROM users"), ["one side renames the table users, whose rows the other deletes"]),
    (RENAME_USERS, SQL.format("UPDATE users SET a = 1"), ["one side renames the table users, whose rows the other updates"]),
    (RENAME_USERS, SQL.format("CREATE VIEW v AS SELECT 1 FROM users"), ["one side renames the table users, to which the other refers"]),
    (SQL.format("ALTER TYPE e ADD VALUE 'x'"), SQL.format("ALTER TYPE e ADD VALUE 'x'"), ["both sides add the value x of e"]),
    (SQL.format("DROP TYPE e"), SQL.format("ALTER TYPE e ADD VALUE 'x'"), ["one side drops the enum e, which the other uses"]),
    (SQL.format("CREATE INDEX i ON users (a)"), "op.create_index('i', 'users', ['a'])", ["both sides create the index i"]),
    (SQL.format("ALTER INDEX i RENAME TO j"), "op.drop_index('i')", ["one side drops the index i, which the other renames"]),
]  # fmt: skip
PEACE_IN_SQL = [
    (SQL.format("ALTER TYPE e ADD VALUE 'x'"), SQL.format("ALTER TYPE e ADD VALUE 'y'")),
    (SQL.format("ALTER TYPE e ADD VALUE IF NOT EXISTS 'x'"), SQL.format("ALTER TYPE e ADD VALUE IF NOT EXISTS 'x'")),
    (SQL.format("GRANT SELECT ON users TO bob"), SQL.format("CREATE EXTENSION citext")),
    (SQL.format("CREATE INDEX IF NOT EXISTS i ON users (a)"), SQL.format("CREATE INDEX IF NOT EXISTS i ON users (a)")),
    (ADD_NAME, SQL.format("UPDATE users SET email = 'a'")),
    (ALTER_EMAIL, SQL.format("UPDATE users SET email = 'a'")),
    (DROP_EMAIL, SQL.format("INSERT INTO users (name) VALUES ('a')")),
    (DROP_EMAIL, SQL.format("UPDATE roles SET email = u.name FROM users u")),
    (DROP_EMAIL, SQL.format("WITH users2 AS (SELECT email FROM people) SELECT email FROM users2")),
    (SQL.format("SELECT 1 FROM users"), SQL.format("DELETE FROM users")),
]

# What only PostgreSQL refuses: the names of tables and of indexes, those of constraints among them, are one set per schema.
ONLY_ONE = "but PostgreSQL keeps only one of that name"
NAMESAKES = [
    (UNIQUE_A, UNIQUE_B, [f"one side adds the constraint uq on a, the other adds the constraint uq on b, {ONLY_ONE}"]),
    (
        "op.create_primary_key('uq', 'a', ['x'])",
        "op.create_exclude_constraint('uq', 'b', ('x', '='), using='btree')",
        [f"one side adds the constraint uq on a, the other adds the constraint uq on b, {ONLY_ONE}"],
    ),
    (
        "op.create_table('c', sa.Column('x', sa.Integer()), sa.PrimaryKeyConstraint('x', name='uq'))",
        "op.create_table('d', sa.Column('x', sa.Integer()), sa.UniqueConstraint('x', name='uq'))",
        [f"one side adds the constraint uq on c, the other adds the constraint uq on d, {ONLY_ONE}"],
    ),
    (
        "op.create_unique_constraint('uq', 'a', ['x'], schema='s')",
        "op.create_index('uq', 'b', ['x'], schema='s')",
        [f"one side creates the index s.uq, the other adds the constraint uq on s.a, {ONLY_ONE}"],
    ),
    (UNIQUE_A, INDEX_UQ, [f"one side creates the index uq, the other adds the constraint uq on a, {ONLY_ONE}"]),
    (UNIQUE_B, INDEX_UQ, [f"one side creates the index uq, the other adds the constraint uq on b, {ONLY_ONE}"]),
    (UNIQUE_A, TABLE_UQ, [f"one side creates the table uq, the other adds the constraint uq on a, {ONLY_ONE}"]),
    (INDEX_UQ, TABLE_UQ, [f"one side creates the table uq, the other creates the index uq, {ONLY_ONE}"]),
    (
        INDEX_UQ,
        "op.rename_table('a', 'uq')",
        [f"one side renames the table a to uq, the other creates the index uq, {ONLY_ONE}"],
    ),
    (
        "op.create_index('ix', 'b', ['x'], if_not_exists=True)",
        "op.create_table('ix', sa.Column('id', sa.Integer()), if_not_exists=True)",
        [f"one side creates the table ix, the other creates the index ix, {ONLY_ONE}"],
    ),
    (
        f"{UNIQUE_A}\nop.create_index('ix', 'b', ['x'])",
        f"op.create_table('ix', sa.Column('id', sa.Integer()))\n{UNIQUE_B}",
        [
            f"one side creates the table ix, the other creates the index ix, {ONLY_ONE}",
            f"one side adds the constraint uq on a, the other adds the constraint uq on b, {ONLY_ONE}",
        ],
    ),
    # A table that is renamed keeps the names of its indexes.
    (f"{ORDERS}\nop.rename_table('orders', 'bills')", ORDERS, ["both sides add the constraint pk_orders on orders"]),
    (
        "op.create_table('uq', sa.Column('x', sa.Integer()))",
        "op.create_index('uq', 'uq', ['x'])",
        ["one side creates the table uq, on which the other creates the index uq"],
    ),
]
NAMES_APART = [
    (UNIQUE_A, "op.create_unique_constraint('uq', 'b', ['x'], schema='s')"),
    (UNIQUE_A, "op.create_check_constraint('uq', 'b', 'x > 0')"),
    (UNIQUE_A, "op.create_foreign_key('uq', 'b', 'c', ['x'], ['id'])"),
    ("op.create_check_constraint('ck', 'a', 'x > 0')", "op.create_check_constraint('ck', 'b', 'x > 0')"),
    ("op.create_foreign_key('fk', 'a', 'c', ['x'], ['id'])", "op.create_foreign_key('fk', 'b', 'c', ['x'], ['id'])"),
    ("op.create_foreign_key('fk', 'a', 'c', ['x'], ['id'])", "op.create_index('fk', 'b', ['x'])"),
    ("op.create_unique_constraint(None, 'a', ['x'])", "op.create_unique_constraint(None, 'b', ['x'])"),
    (TABLE_UQ, "op.create_index('uq', 'b', ['x'], schema='s')"),
    (TABLE_UQ, "op.create_check_constraint('uq', 'b', 'x > 0')"),
    (f"{UNIQUE_A}\nop.drop_constraint('uq', 'a')", UNIQUE_B),
    (f"{UNIQUE_A}\nop.drop_column('a', 'x')", UNIQUE_B),
    (f"{INDEX_UQ}\nop.drop_index('uq')", TABLE_UQ),
    (f"{TABLE_UQ}\nop.drop_table('uq')", INDEX_UQ),
    ("op.drop_constraint('uq', 'a')", TABLE_UQ),
    # One side has the name twice, which PostgreSQL refuses: this is a database that does not mind.
    (f"{UNIQUE_A}\n{UNIQUE_B}", "op.create_unique_constraint('uq', 'c', ['x'])"),
    (f"{TABLE_UQ}\nop.create_index('uq', 'uq', ['id'])", "op.create_unique_constraint('uq', 'b', ['x'])"),
]
IMPLIED_INDEXES = [
    (INDEXED_EMAIL, "op.create_index('ix_users_email', 'users', ['name'])", ["both sides create the index ix_users_email"]),
    (
        INDEXED_EMAIL,
        INDEX_EMAIL,
        [
            "one side adds the column users.email, over which the other creates the index ix_users_email",
            "both sides create the index ix_users_email",
        ],
    ),
    (
        INDEXED_EMAIL,
        INDEXED_EMAIL,
        ["both sides add the column users.email", "both sides create the index ix_users_email"],
    ),
    (INDEXED_ORDERS, "op.create_index('ix_orders_no', 'a', ['x'])", ["both sides create the index ix_orders_no"]),
    (INDEXED_ORDERS, INDEXED_ORDERS, ["both sides create the table orders"]),
    (
        f"{BATCH}add_column(sa.Column('email', sa.Text(), index=True))",
        "op.create_index('ix_users_email', 'a', ['x'])",
        ["both sides create the index ix_users_email"],
    ),
    (
        "op.add_column('users', sa.Column('email', sa.Text(), index=True), schema='s')",
        "op.create_index('ix_s_users_email', 'users', ['name'], schema='s')",
        ["both sides create the index s.ix_s_users_email"],
    ),
    (
        INDEXED_EMAIL,
        "op.create_unique_constraint('ix_users_email', 'a', ['x'])",
        [f"one side creates the index ix_users_email, the other adds the constraint ix_users_email on a, {ONLY_ONE}"],
    ),
]
IN_PUBLIC = [
    (ORDERS, ORDERS.replace("'pk_orders')", "'pk_orders'), schema='public'"), ["both sides create the table orders"]),
    (ADD_EMAIL, ADD_EMAIL.replace("True))", "True), schema='public')"), ["both sides add the column users.email"]),
    (
        DROP_EMAIL,
        "op.create_foreign_key(None, 'a', 'users', ['email'], ['email'], referent_schema='public')",
        ["one side drops the column users.email, to which the other refers"],
    ),
    (
        "op.drop_table('users', schema='public')",
        "op.add_column('a', sa.Column('b', sa.Integer(), sa.ForeignKey('users.id')))",
        ["one side drops the table users, to which the other refers"],
    ),
    (
        "op.drop_table('users')",
        "op.add_column('a', sa.Column('b', sa.Integer(), sa.ForeignKey('public.users.id')))",
        ["one side drops the table users, to which the other refers"],
    ),
    (
        "op.create_index('ix', 'a', ['x'], schema='public')",
        "op.create_index('ix', 'a', ['y'])",
        ["both sides create the index ix"],
    ),
    ("op.drop_index('ix', schema='public')", "op.drop_index('ix')", ["both sides drop the index ix"]),
    (
        "sa.Enum('a', name='status', schema='public').create(op.get_bind())",
        "sa.Enum('a', name='status').create(op.get_bind())",
        ["both sides create the enum status"],
    ),
    (
        "op.create_table('c', sa.Column('id', sa.Integer()), schema='public')",
        "op.create_index('c', 'a', ['x'])",
        [f"one side creates the table c, the other creates the index c, {ONLY_ONE}"],
    ),
]
GUARD, GUARD_DROP = ", if_not_exists=True)", ", if_exists=True)"
GUARDED_ORDERS, GUARDED_EMAIL, GUARDED_INDEX = (body[:-1] + GUARD for body in (ORDERS, ADD_EMAIL, INDEX_EMAIL))
GUARDED_DROP = DROP_EMAIL[:-1] + GUARD_DROP
GUARDED_APART = [
    (GUARDED_ORDERS, ORDERS, ["both sides create the table orders"]),
    (GUARDED_EMAIL, ADD_EMAIL, ["both sides add the column users.email"]),
    (GUARDED_INDEX, INDEX_EMAIL, ["both sides create the index ix_users_email"]),
    (GUARDED_DROP, DROP_EMAIL, ["both sides drop the column users.email"]),
    (GUARDED_DROP, ALTER_EMAIL, ["one side drops the column users.email, which the other alters"]),
    (GUARDED_DROP, GUARDED_EMAIL, ["one side drops the column users.email, which the other adds"]),
    (
        "op.drop_table('users', if_exists=True)",
        GUARDED_EMAIL,
        ["one side drops the table users, to which the other adds the column email"],
    ),
    # The one that comes second does nothing, and what it wanted is not there.
    (
        "op.create_index('ix', 'a', ['x'], if_not_exists=True)",
        "op.create_index('ix', 'b', ['x'], if_not_exists=True)",
        ["both sides create the index ix"],
    ),
    (
        "op.create_index('ix', 'a', ['x'], if_not_exists=True)",
        "op.create_index('ix', 'a', ['y'], if_not_exists=True)",
        ["both sides create the index ix"],
    ),
    (
        GUARDED_ORDERS,
        GUARDED_ORDERS.replace("sa.Primary", "sa.Column('total', sa.Integer()), sa.Primary"),
        ["both sides create the table orders"],
    ),
    # Alembic does not guard what it creates beside the table or the column.
    (INDEXED_ORDERS[:-1] + GUARD,) * 2 + (["both sides create the index ix_orders_no"],),
    (INDEXED_EMAIL[:-1] + GUARD,) * 2 + (["both sides create the index ix_users_email"],),
    (STATUS_TABLE.format("orders")[:-1] + GUARD,) * 2 + (["both sides create the enum status"],),
    (f"{GUARDED_ORDERS}\nop.add_column('orders', sa.Column('total', sa.Integer()))",) * 2
    + (["both sides add the column orders.total"],),
    ("op.drop_index('ix', 'a')\nop.drop_table('a', if_exists=True)",) * 2 + (["both sides drop the index ix"],),
]
GUARDED_ALIKE = [
    (GUARDED_ORDERS, GUARDED_ORDERS),
    (
        GUARDED_ORDERS,
        GUARDED_ORDERS.replace("'orders',", "'orders', schema='public', *[").replace("'pk_orders')", "'pk_orders')]"),
    ),
    (f"{GUARDED_ORDERS}\n{GUARDED_INDEX}", f"{GUARDED_INDEX}\n{GUARDED_ORDERS}"),
    (GUARDED_EMAIL, GUARDED_EMAIL),
    (GUARDED_EMAIL, f"{BATCH}add_column(sa.Column('email', sa.Text()), if_not_exists=True)"),
    (GUARDED_INDEX, GUARDED_INDEX),
    (GUARDED_DROP, GUARDED_DROP),
    ("op.drop_table('a', if_exists=True)", "op.drop_table('a', if_exists=True)"),
    ("op.drop_index('ix', 'a', if_exists=True)", "op.drop_index('ix', if_exists=True)"),
    ("op.drop_constraint('uq', 'a', if_exists=True)", "op.drop_constraint('uq', 'a', if_exists=True)"),
]

CLASHES = [
    (ORDERS, ORDERS, ["both sides create the table orders"]),
    (ORDERS.replace("'orders',", "'orders', schema='audit', *[").replace("name='pk_orders'))", "name='pk')])"),) * 2
    + (["both sides create the table audit.orders"],),
    (f"{ORDERS}\nop.create_index('ix', 'orders', ['id'])",) * 2 + (["both sides create the table orders"],),
    (STATUS_TABLE.format("orders"), STATUS_TABLE.format("orders"), ["both sides create the table orders"]),
    (STATUS_TABLE.format("orders"), STATUS_TABLE.format("bills"), ["both sides create the enum status"]),
    (CREATE_STATUS, STATUS_TABLE.format("bills"), ["both sides create the enum status"]),
    (CREATE_STATUS, CREATE_STATUS, ["both sides create the enum status"]),
    (
        "sa.Enum(name='status').drop(op.get_bind())",
        "op.add_column('a', sa.Column('b', sa.Enum('x', name='status')))",
        ["one side drops the enum status, which the other uses"],
    ),
    (ADD_EMAIL, ADD_EMAIL, ["both sides add the column users.email"]),
    (ADD_EMAIL, f"{BATCH}add_column(sa.Column('email', sa.Text()))", ["both sides add the column users.email"]),
    (f"{ADD_EMAIL}\n{INDEX_EMAIL}",) * 2
    + (["both sides add the column users.email", "both sides create the index ix_users_email"],),
    (INDEX_EMAIL, INDEX_EMAIL, ["both sides create the index ix_users_email"]),
    ("op.create_index('ix', 'a', ['x'])", "op.create_index('ix', 'b', ['x'])", ["both sides create the index ix"]),
    (
        "op.create_index('ix', 'a', ['x'], schema='s')",
        "op.create_index('ix', 'b', ['x'], schema='s')",
        ["both sides create the index s.ix"],
    ),
    (
        f"{ORDERS}\nop.create_index('ix', 'orders', ['id'])",
        "op.create_index('ix', 'users', ['id'])",
        ["both sides create the index ix"],
    ),
    (
        "op.create_unique_constraint('uq', 'users', ['a'])",
        "op.create_check_constraint('uq', 'users', 'b > 0')",
        ["both sides add the constraint uq on users"],
    ),
    (DROP_EMAIL, DROP_EMAIL, ["both sides drop the column users.email"]),
    (DROP_EMAIL, ALTER_EMAIL, ["one side drops the column users.email, which the other alters"]),
    (DROP_EMAIL, RENAME_EMAIL, ["one side drops the column users.email, which the other renames"]),
    (DROP_EMAIL, INDEX_EMAIL, ["one side drops the column users.email, over which the other creates the index ix_users_email"]),
    (
        DROP_EMAIL,
        "op.create_index('ix', 'users', [sa.text('lower(email)')])",
        ["one side drops the column users.email, over which the other creates the index ix"],
    ),
    (
        DROP_EMAIL,
        "op.create_unique_constraint('uq', 'users', ['email'])",
        ["one side drops the column users.email, over which the other adds the constraint uq"],
    ),
    (
        DROP_EMAIL,
        "op.create_unique_constraint(None, 'users', ['email'])",
        ["one side drops the column users.email, over which the other adds a constraint"],
    ),
    (
        DROP_EMAIL,
        "op.create_check_constraint('ck', 'users', \"email <> ''\")",
        ["one side drops the column users.email, over which the other adds the constraint ck"],
    ),
    (
        DROP_EMAIL,
        "op.create_foreign_key(None, 'logins', 'users', ['email'], ['email'])",
        ["one side drops the column users.email, to which the other refers"],
    ),
    (
        DROP_EMAIL,
        "op.bulk_insert(sa.table('users', sa.column('email')), [])",
        ["one side drops the column users.email, into which the other inserts rows"],
    ),
    (f"{DROP_EMAIL}\n{ADD_EMAIL}", ALTER_EMAIL, ["one side replaces the column users.email, which the other alters"]),
    (ALTER_EMAIL, ALTER_EMAIL, ["both sides alter the column users.email"]),
    (ALTER_EMAIL, f"{BATCH}alter_column('email', type_=sa.Text())", ["both sides alter the column users.email"]),
    (RENAME_EMAIL, ALTER_EMAIL, ["one side renames the column users.email, which the other alters"]),
    (
        RENAME_EMAIL,
        INDEX_EMAIL,
        ["one side renames the column users.email, over which the other creates the index ix_users_email"],
    ),
    (RENAME_EMAIL, RENAME_EMAIL, ["both sides rename the column users.email"]),
    (
        RENAME_EMAIL,
        "op.add_column('users', sa.Column('mail', sa.Text()))",
        ["one side renames the column users.email to users.mail, which the other adds"],
    ),
    (RENAME_EMAIL, "op.alter_column('users', 'address', new_column_name='mail')", ["both sides rename a column to users.mail"]),
    (
        RENAME_USERS,
        "op.create_table('people', sa.Column('id', sa.Integer()))",
        ["one side renames the table users to people, which the other creates"],
    ),
    (RENAME_USERS, RENAME_USERS, ["both sides rename the table users"]),
    (RENAME_USERS, "op.rename_table('persons', 'people')", ["both sides rename a table to people"]),
    (RENAME_USERS, ADD_EMAIL, ["one side renames the table users, to which the other adds the column email"]),
    (RENAME_USERS, FK_TO_USERS, ["one side renames the table users, to which the other refers"]),
    (DROP_USERS, DROP_USERS, ["both sides drop the table users"]),
    (DROP_USERS, f"{ADD_EMAIL}\n{INDEX_EMAIL}", ["one side drops the table users, to which the other adds the column email"]),
    (DROP_USERS, ALTER_EMAIL, ["one side drops the table users, whose column email the other alters"]),
    (DROP_USERS, INDEX_EMAIL, ["one side drops the table users, on which the other creates the index ix_users_email"]),
    (DROP_USERS, "op.drop_constraint('uq', 'users')", ["one side drops the table users, whose constraint uq the other drops"]),
    (DROP_USERS, FK_TO_USERS, ["one side drops the table users, to which the other refers"]),
    (DROP_USERS, RENAME_USERS, ["one side drops the table users, which the other renames"]),
    (DROP_USERS, "op.create_table_comment('users', 'x')", ["one side drops the table users, which the other alters"]),
    ("op.drop_table('roles')", INSERT_ROLES, ["one side drops the table roles, into which the other inserts rows"]),
    (REBUILD_USERS, ADD_EMAIL, ["one side replaces the table users, to which the other adds the column email"]),
    (
        "op.create_table_comment('users', 'x')",
        "op.drop_table_comment('users')",
        ["both sides alter the comment of the table users"],
    ),
    (f"op.create_table_comment('users', 'x')\n{ADD_EMAIL}",) * 2
    + (["both sides alter the comment of the table users", "both sides add the column users.email"],),
    ("op.drop_index('ix_a', table_name='a')",) * 2 + (["both sides drop the index ix_a"],),
    ("op.drop_index('ix_a')", f"{BATCH}drop_index('ix_a')", ["both sides drop the index ix_a"]),
    ("op.drop_index('ix_a', 'a')\nop.create_index('ix_a', 'a', ['b'])",) * 2 + (["both sides replace the index ix_a"],),
    ("op.drop_constraint('fk', 'a', type_='foreignkey')",) * 2 + (["both sides drop the constraint fk on a"],),
    (
        ORDERS,
        "op.add_column('orders', sa.Column('total', sa.Integer()))",
        ["one side creates the table orders, to which the other adds the column total"],
    ),
    (ADD_EMAIL, INDEX_EMAIL, ["one side adds the column users.email, over which the other creates the index ix_users_email"]),
    (
        "for t in ('a', 'b'):\n    op.add_column(t, sa.Column('at', sa.DateTime()))",
        "op.add_column('b', sa.Column('at', sa.Date()))",
        ["both sides add the column b.at"],
    ),
    (f"if not sa.inspect(op.get_bind()).has_table('orders'):\n    {ORDERS}", ORDERS, ["both sides create the table orders"]),
    *NAMESAKES,
    *IMPLIED_INDEXES,
    *IN_PUBLIC,
    *GUARDED_APART,
    *IN_SQL,
    *OMITTED,
]

PEACE = [
    *PEACE_IN_SQL,
    *GIVEN,
    ("pass", "pass"),
    (ORDERS, "pass"),
    (ORDERS, ORDERS.replace("orders", "bills")),
    (ORDERS, ADD_EMAIL),
    (ORDERS, ORDERS.replace("'orders',", "'orders', schema='audit', *[").replace("name='pk_orders'))", "name='pk')])")),
    (ADD_EMAIL, ADD_NAME),
    (ADD_EMAIL, ADD_EMAIL.replace("users", "admins")),
    (ADD_EMAIL, "op.add_column('users', sa.Column('email', sa.Text()), schema='audit')"),
    (ADD_EMAIL, f"{BATCH}drop_column('name')"),
    (ALTER_EMAIL, ADD_NAME),
    (ALTER_EMAIL, "op.alter_column('users', 'name', nullable=True)"),
    (ALTER_EMAIL, INDEX_EMAIL),
    (ALTER_EMAIL, "op.create_unique_constraint('uq', 'users', ['email'])"),
    (ALTER_EMAIL, "op.create_foreign_key(None, 'logins', 'users', ['email'], ['email'])"),
    (INDEX_EMAIL, "op.create_index('ix_users_name', 'users', ['name'])"),
    (INDEX_EMAIL, "op.create_index('ix_users_email_name', 'users', ['email', 'name'])"),
    ("op.create_index('ix', 'a', ['x'], schema='s')", "op.create_index('ix', 'a', ['x'], schema='t')"),
    *NAMES_APART,
    *GUARDED_ALIKE,
    ("op.create_unique_constraint(None, 'a', ['x'])", "op.create_unique_constraint(None, 'a', ['y'])"),
    ("op.drop_index('ix_a', 'users')", INDEX_EMAIL),
    ("op.drop_index('ix_a', 'users')", "op.drop_index('ix_b', 'users')"),
    ("op.drop_constraint(None, 'a')", "op.drop_constraint(None, 'a')"),
    (DROP_EMAIL, ADD_NAME),
    (DROP_EMAIL, "op.drop_column('users', 'name')"),
    (DROP_EMAIL, DROP_EMAIL.replace("users", "admins")),
    (DROP_EMAIL, "op.create_index('ix', 'users', ['name'])"),
    (DROP_EMAIL, FK_TO_USERS),
    (DROP_EMAIL, "op.create_check_constraint('ck', 'users', \"name <> 'email'\")"),
    (RENAME_EMAIL, ADD_NAME),
    (RENAME_EMAIL, "op.alter_column('users', 'name', new_column_name='full_name')"),
    (RENAME_EMAIL, RENAME_EMAIL.replace("users", "admins")),
    (RENAME_USERS, ADD_EMAIL.replace("users", "admins")),
    (RENAME_USERS, "op.rename_table('roles', 'groups')"),
    (FK_TO_USERS, ADD_EMAIL),
    (FK_TO_USERS, FK_TO_USERS.replace("carts", "bills")),
    (FK_TO_USERS, "op.create_table_comment('users', 'x')"),
    (DROP_USERS, ORDERS),
    (DROP_USERS, "op.drop_table('admins')"),
    (INSERT_ROLES, INSERT_ROLES),
    (INSERT_ROLES, "op.add_column('roles', sa.Column('level', sa.Integer()))"),
    (INSERT_ROLES, "op.drop_column('roles', 'level')"),
    ("op.create_table_comment('users', 'x')", ADD_EMAIL),
    ("op.create_table_comment('users', 'x')", "op.create_table_comment('roles', 'x')"),
    (
        "op.add_column('a', sa.Column('b', sa.Enum('x', name='status')))",
        "op.add_column('c', sa.Column('d', sa.Enum('x', name='status')))",
    ),
    (STATUS_TABLE.format("orders"), "op.add_column('c', sa.Column('d', sa.Enum('x', name='status')))"),
    (STATUS_TABLE.format("orders"), STATUS_TABLE.format("bills").replace("'status'))", "'bill_status'))")),
    (STATUS_TABLE.format("orders"), STATUS_TABLE.format("bills").replace("'status'))", "'status', native_enum=False))")),
    (STATUS_TABLE.format("orders"), "op.create_table('b', sa.Column('s', postgresql.ENUM(name='status', create_type=False)))"),
    (f"{ADD_EMAIL}\n{DROP_EMAIL}", ADD_EMAIL),
    (f"{ORDERS}\nop.drop_table('orders')", ORDERS),
    (f"{ORDERS_ALONE}\nop.rename_table('orders', 'bills')", ORDERS_ALONE),
    (f"{ORDERS}\nop.create_index('ix', 'orders', ['id'])\nop.drop_table('orders')", "op.create_index('ix', 'users', ['id'])"),
    (f"{ORDERS}\nop.add_column('orders', sa.Column('a', sa.Text()))\nop.drop_column('orders', 'a')", ADD_EMAIL),
    (f"{ADD_NAME}\nop.drop_column('users', 'name')", DROP_EMAIL),
    (f"{ADD_NAME}\nop.alter_column('users', 'name', nullable=False)", ALTER_EMAIL),
    (f"{ORDERS}\nop.create_foreign_key(None, 'orders', 'users', ['user_id'], ['id'])", f"{FK_TO_USERS}\n{ADD_EMAIL}"),
    (f"{ADD_NAME}\nop.alter_column('users', 'name', new_column_name='full_name')", ADD_NAME),
    (REBUILD_USERS, ORDERS),
    ("op.add_column('users', sa.Column(computed, sa.Text()))", ADD_EMAIL),
]


def side(*bodies: str, name: str = "a") -> Side:
    """Return revisions with these upgrades, in the order in which Alembic applies them."""
    return [
        (Revision(Identifiers(f"{name}{number}"), f"{name}{number}.py"), read_operations(script(body)))
        for number, body in enumerate(bodies)
    ]


def script(body: str) -> bytes:
    head = "from alembic import op\nimport sqlalchemy as sa\nfrom sqlalchemy.dialects import postgresql\n\n"
    return f"{head}def upgrade():\n{textwrap.indent(body, '    ')}\n".encode()


@pytest.mark.parametrize(("one", "other", "what"), CLASHES)
def test_what_clashes_is_said_once(one: str, other: str, what: list[str]) -> None:
    ours, theirs = side(one), side(other, name="b")
    assert [each.what for each in collisions_between(ours, theirs)] == what
    assert [each.what for each in collisions_between(theirs, ours)] == what
    assert [(each.one, each.other) for each in collisions_between(theirs, ours)] == [
        (each.other, each.one) for each in collisions_between(ours, theirs)
    ]


@pytest.mark.parametrize(("one", "other"), PEACE)
def test_what_works_in_either_order_is_not_said(one: str, other: str) -> None:
    assert collisions_between(side(one), side(other, name="b")) == ()
    assert collisions_between(side(other), side(one, name="b")) == ()


BODIES = {body: None for case in (*CLASHES, *PEACE) for body in case[:2]}


@pytest.mark.parametrize("body", [body for body in BODIES if "execute" not in body and "computed" not in body and body != "pass"])
def test_the_bodies_are_read_whole(body: str) -> None:
    found = read_operations(script(body))
    assert found.done and not found.unread


@pytest.mark.parametrize("body", [ORDERS, ADD_EMAIL, INDEX_EMAIL, DROP_EMAIL, RENAME_USERS, CREATE_STATUS, REBUILD_USERS])
def test_a_side_never_clashes_with_nothing(body: str) -> None:
    assert collisions_between(side(body, ADD_NAME), ()) == ()
    assert collisions_between((), side(body, ADD_NAME)) == ()


def test_the_touches_are_the_first_of_each_side() -> None:
    ours = side(ADD_NAME, f"{ADD_NAME}\n{DROP_EMAIL}", DROP_EMAIL)
    theirs = side("pass", f"{ALTER_EMAIL}\n{ALTER_EMAIL}", ALTER_EMAIL, name="b")
    assert collisions_between(ours, theirs) == (
        Collision(
            "one side drops the column users.email, which the other alters",
            Source(ours[1][0], Operation(Action.DROP, ObjectKind.COLUMN, "users", "email", 7)),
            Source(theirs[1][0], Operation(Action.ALTER, ObjectKind.COLUMN, "users", "email", 6)),
        ),
    )
    assert [(each.one, each.other) for each in collisions_between(theirs, ours)] == [
        (each.other, each.one) for each in collisions_between(ours, theirs)
    ]


def test_what_a_side_does_over_several_revisions_is_taken_together() -> None:
    assert collisions_between(side(ADD_EMAIL, DROP_EMAIL), side(ADD_EMAIL, name="b")) == ()
    assert collisions_between(side(ORDERS, "op.drop_table('orders')"), side(ORDERS, name="b")) == ()
    assert [each.what for each in collisions_between(side(DROP_EMAIL, ADD_EMAIL), side(DROP_EMAIL, name="b"))] == [
        "one side drops the column users.email, which the other replaces"
    ]


def test_the_order_of_the_collisions_is_that_of_the_things() -> None:
    one = f"{INDEX_EMAIL}\n{ADD_NAME}\n{ALTER_EMAIL}\n{ORDERS}\n{CREATE_STATUS}\nop.drop_constraint('c', 'users')"
    assert [
        each.what for each in collisions_between(side(one), side(*reversed(one.split("\n")[:4]), CREATE_STATUS, name="b"))
    ] == [
        "both sides create the table orders",
        "both sides alter the column users.email",
        "both sides add the column users.name",
        "both sides create the index ix_users_email",
        "both sides create the enum status",
    ]


def test_databases_of_one_script_are_kept_apart() -> None:
    def multiple(name: str) -> Side:
        text = f"""
from alembic import op
def upgrade(engine_name): globals()["upgrade_%s" % engine_name]()
def upgrade_{name}(): op.drop_column('users', 'email')
"""
        return [(Revision(Identifiers(name), name), read_operations(text.encode()))]

    assert collisions_between(multiple("one"), multiple("two")) == ()
    assert [each.what for each in collisions_between(multiple("one"), multiple("one"))] == [
        "both sides drop the column users.email"
    ]


@pytest.mark.parametrize(
    ("one", "other", "what"),
    [
        ("op.drop_table('users')", "op.create_index('ix', 'users', ['a'])", "on which the other creates the index ix"),
        ("op.drop_table('users')", "op.create_index(None, 'users', ['a'])", "on which the other creates an index"),
        ("op.drop_table('users')", "op.drop_index('ix', 'users')", "whose index ix the other drops"),
        ("op.drop_table('users')", "op.drop_constraint(None, 'users')", "whose constraint the other drops"),
        (
            "op.drop_table('users')",
            "op.create_table_comment('users', 'x')\nop.alter_column('users', 'email', nullable=False)",
            "which the other alters",
        ),
        (
            "op.drop_column('users', 'email')\nop.drop_table('users')",
            "op.create_table_comment('users', 'x')\nop.alter_column('users', 'email', nullable=False)",
            "which the other alters",
        ),
    ],
)
def test_a_dropped_table_is_the_one_cause_and_says_what_the_other_does(one: str, other: str, what: str) -> None:
    assert [each.what for each in collisions_between(side(one), side(other, name="b"))] == [
        f"one side drops the table users, {what}"
    ]


def test_columns_that_rows_leave_out_are_told_in_their_order() -> None:
    adds = "\n".join(f"op.add_column('users', sa.Column('{name}', sa.Text(), nullable=False))" for name in "zab")
    found = [each.what.partition(",")[0] for each in collisions_between(side(adds), side(INSERT_USERS, name="b"))]
    assert found == [f"one side adds the column users.{name}" for name in "abz"]


def test_rows_of_another_table_leave_nothing_out() -> None:
    both = f"{REQUIRED}\n{SQL.format('INSERT INTO roles (id) VALUES (1)')}"
    assert collisions_between(side(REQUIRED), side(SQL.format("INSERT INTO roles (id) VALUES (1)"), name="b")) == ()
    assert "which needs a value" not in str([each.what for each in collisions_between(side(both), side(both, name="b"))])


def test_only_what_surely_fails_is_certain() -> None:
    (certain,) = collisions_between(side(ADD_EMAIL), side(ADD_EMAIL, name="b"))
    (unsure,) = collisions_between(side(f"if x:\n    {ADD_EMAIL}"), side(ADD_EMAIL, name="b"))
    assert (certain.certain, unsure.certain) == (True, False)


@pytest.mark.parametrize(
    ("words", "other", "meets"),
    [
        (None, "pass", True),
        ({"users"}, "pass", False),
        ({"email"}, ADD_EMAIL, True),
        ({"phone"}, ADD_EMAIL, False),
        ({"users"}, "op.drop_table('Users', schema='audit')", True),
        ({"people"}, "op.rename_table('users', 'people')", True),
        ({"tidy"}, "op.execute('CALL tidy(1)')", True),
        ({"users"}, "op.execute('CALL tidy(1)')", False),
        ({"users"}, "op.execute(f())", True),
    ],
)
def test_what_cannot_be_read_may_meet_what_has_a_name_of_it(words: set[str] | None, other: str, meets: bool) -> None:
    unread = Unread(1, "raw SQL", frozenset(words) if words is not None else None)
    assert may_meet(unread, [operations for _, operations in side(other)]) is meets
