"""The terms of an outcomes contract as data: one versioned document, agreed by three parties."""
