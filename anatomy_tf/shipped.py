"""stub until pack lands"""
