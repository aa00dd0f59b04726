DROP TABLE activity_definitions;
