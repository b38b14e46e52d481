"""The files of the demo's application: those of both developers, and the changes of each of them."""

BASE = {
    "app.py": """from flask import Flask
from flask_migrate import Migrate

from models import db

app = Flask(__name__)
app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///shop.db"
db.init_app(app)
Migrate(app, db)

import users  # noqa: E402, F401
""",
    "models.py": """from flask_sqlalchemy import SQLAlchemy

db = SQLAlchemy()
""",
    "users.py": """from models import db


class User(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String(80), nullable=False)
""",
    ".gitignore": "instance/\n__pycache__/\n",
}
ANN = {
    "users.py": BASE["users.py"] + "    email = db.Column(db.String(120))\n",
}
BEA = {
    "app.py": BASE["app.py"] + "import orders  # noqa: E402, F401\n",
    "orders.py": """from models import db


class Order(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    total = db.Column(db.Integer, nullable=False)
""",
}
