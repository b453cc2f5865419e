from tests.support.lending import Lender

from booking.app import build

lent_app = Lender(build, database_url="", payment_url="", payment_api_keys_file=None).lend
