import AsyncHTTPClient
import Hummingbird
import Logging
