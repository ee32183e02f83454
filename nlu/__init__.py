from nlu.quick_yaml import mend_reader

mend_reader()
