from tests.support.lending import Lender

from payment.app import build

lent_app = Lender(build, database_url="").lend
